// SPDX-License-Identifier: GPL-2.0
/* Medians, and what they are compared with. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

enum unit { TSC, NS, SWITCHES };

struct spread {
	double median, min, max;
};

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Over the runs, per operation. */
static struct spread spread_of(const struct figure *f, enum unit unit)
{
	double value[MAX_RUNS];
	unsigned int i, n = f->runs;

	for (i = 0; i < n; i++) {
		const struct result *r = &f->result[i];

		value[i] = (double)(unit == TSC ? r->tsc : unit == NS ? r->ns :
				    r->switches) / r->count;
	}
	qsort(value, n, sizeof(value[0]), by_value);
	return (struct spread) {
		.median = n % 2 ? value[n / 2] :
			  (value[n / 2 - 1] + value[n / 2]) / 2,
		.min = value[0],
		.max = value[n - 1],
	};
}

static void print_json(const struct figure *f)
{
	struct spread t = spread_of(f, TSC), n = spread_of(f, NS);
	unsigned int i;

	printf("{\"row\":\"%s\",\"cpus\":%u,\"runs\":%u,\"count\":%llu,",
	       f->row->name, f->cpus, f->runs,
	       (unsigned long long)f->result[0].count);
	printf("\"tsc\":{\"median\":%.3f,\"min\":%.3f,\"max\":%.3f},",
	       t.median, t.min, t.max);
	printf("\"ns\":{\"median\":%.3f,\"min\":%.3f,\"max\":%.3f},",
	       n.median, n.min, n.max);
	printf("\"each\":[");
	for (i = 0; i < f->runs; i++)
		printf("%s%llu", i ? "," : "",
		       (unsigned long long)f->result[i].tsc);
	printf("],\"switches\":%.3f}\n", spread_of(f, SWITCHES).median);
}

static void print_row(const struct figure *f)
{
	struct spread t = spread_of(f, TSC);

	printf("# %-4u %10.1f %10.1f %10.1f %8.2f  %s\n", f->cpus, t.median,
	       t.min, t.max, spread_of(f, SWITCHES).median, f->row->what);
}

/* What the figures are to show: @part at most @goal times @whole. */
struct comparison {
	const char *what;
	const char *part, *whole;
	unsigned int part_cpus, whole_cpus;
	double goal;
	double dream;
};

static const struct comparison comparisons[] = {
	{ "block to registered VP / futex hand-off, one CPU",
	  "vpi_block", "futex_one_way", 1, 1, 1.15, 1.10 },
	{ "block to registered VP / futex hand-off, free on two",
	  "vpi_block", "futex_one_way", 2, 2, 0, 0 },
	{ "full cycle / the same made of futexes, one CPU",
	  "vpi_cycle", "futex_protocol", 1, 1, 1.0, 0.85 },
	{ "full cycle / the same made of futexes, bare, one CPU",
	  "vpi_cycle", "futex_protocol_bare", 1, 1, 0, 0 },
	{ "full cycle / the same made of futexes, free on two",
	  "vpi_cycle", "futex_protocol", 2, 2, 0, 0 },
	{ "full cycle, free on two CPUs / on one",
	  "vpi_cycle", "vpi_cycle", 2, 1, 0, 1.03 },
	{ "read() that does not block, VP / plain thread",
	  "read_vp", "read_plain", 1, 1, 1.005, 1.005 },
};

static const struct figure *find(const struct figure *figures, unsigned int n,
				 const char *name, unsigned int cpus)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (!strcmp(figures[i].row->name, name) &&
		    figures[i].cpus == cpus)
			return &figures[i];
	return NULL;
}

static void print_comparison(const struct figure *figures, unsigned int n,
			     const struct comparison *c)
{
	const struct figure *part = find(figures, n, c->part, c->part_cpus);
	const struct figure *whole = find(figures, n, c->whole, c->whole_cpus);
	double by_tsc, by_ns;

	if (!part || !whole)
		return;
	by_tsc = spread_of(part, TSC).median / spread_of(whole, TSC).median;
	by_ns = spread_of(part, NS).median / spread_of(whole, NS).median;
	printf("# %-55s %7.4f %7.4f", c->what, by_tsc, by_ns);
	if (c->goal)
		printf("   at most %.3f: %s", c->goal,
		       by_tsc <= c->goal ? "met" : "MISSED");
	if (c->dream && c->dream != c->goal)
		printf("   then %.3f: %s", c->dream,
		       by_tsc <= c->dream ? "met" : "not yet");
	printf("\n");
}

void report(const struct figure *figures, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		print_json(&figures[i]);
	printf("#\n# Per operation, in cycles of the time stamp counter");
	printf(" (icount mode: guest instructions)\n");
	printf("# %-4s %10s %10s %10s %8s\n", "CPUs", "median", "min", "max",
	       "switches");
	for (i = 0; i < n; i++)
		print_row(&figures[i]);
	printf("#\n# %-55s %7s %7s\n", "Ratios of medians", "tsc", "ns");
	for (i = 0; i < sizeof(comparisons) / sizeof(comparisons[0]); i++)
		print_comparison(figures, n, &comparisons[i]);
}
