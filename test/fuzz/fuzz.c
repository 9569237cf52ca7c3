/*
 * Random sequences of the system calls of VPI, by threads of several
 * processes, in a run after the other.
 *
 *	fuzz [--seed N] [--calls N] [--threads N] [--processes N] [--batch N]
 *	     [--patience SECONDS] [--flaw CALL] [--replay FILE]
 *
 * A run fails if a call returns what is not documented or a counter does not
 * add up, if nothing goes on any more, if a process cannot be killed, if
 * kernel objects are left, or if the kernel complains. Then its list of
 * operations is made as short as it still fails, and printed; --replay
 * performs such a list. --flaw makes a call fail now and then, to see that.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "calls.h"
#include "list.h"
#include "process.h"
#include "run.h"
#include "shrink.h"
#include "watch.h"

#define SHRINK_TRIES	3
#define SHRINK_RUNS	300
#define REPLAYS		20

static uint64_t seed, calls_wanted = 100000;
static uint32_t batch = 2000;
static const char *replay;

static const struct option options[] = {
	{ "seed", required_argument, NULL, 's' },
	{ "calls", required_argument, NULL, 'c' },
	{ "threads", required_argument, NULL, 't' },
	{ "processes", required_argument, NULL, 'p' },
	{ "batch", required_argument, NULL, 'b' },
	{ "patience", required_argument, NULL, 'w' },
	{ "flaw", required_argument, NULL, 'f' },
	{ "replay", required_argument, NULL, 'r' },
	{ NULL, 0, NULL, 0 },
};

static void __attribute__((noreturn)) usage(const char *what)
{
	fprintf(stderr, "fuzz: %s\n", what);
	exit(2);
}

static unsigned long number(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 0);

	if (end == text || *end)
		usage("a number, please");
	return n;
}

static void read_option(int option)
{
	switch (option) {
	case 's':
		seed = number(optarg);
		break;
	case 'c':
		calls_wanted = number(optarg);
		break;
	case 't':
		run->threads = number(optarg);
		break;
	case 'p':
		run->processes = number(optarg);
		break;
	case 'b':
		batch = number(optarg);
		break;
	case 'w':
		watch_patience = number(optarg);
		break;
	case 'f':
		run->flaw = find_call(optarg) + 1;
		break;
	case 'r':
		replay = optarg;
		break;
	default:
		usage("see the first comment of fuzz.c");
	}
}

static void read_options(int argc, char **argv)
{
	int option;

	seed = time(NULL);
	run->processes = 3;
	run->threads = 4;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		read_option(option);
	if (!run->processes || run->processes > MAX_PROCESSES ||
	    !run->threads || run->processes * run->threads > MAX_LANES ||
	    !batch || batch > MAX_OPS)
		usage("too many, or none");
}

static void explain(uint32_t before)
{
	printf("# seed %llu: %s\n", (unsigned long long)run->seed, run->failure);
	shrink(SHRINK_TRIES, SHRINK_RUNS);
	printf("# it still fails with %u of %u operations:\n", run->nr_ops,
	       before);
	list_print();
	/* Last: of a long list only the end may be seen. */
	printf("# %s\n", run->failure);
}

static bool replay_list(void)
{
	int i;

	if (!list_read(replay))
		usage("no list to replay");
	for (i = 0; i < REPLAYS; i++)
		if (!watch_run()) {
			printf("# %s\n", run->failure);
			return false;
		}
	return true;
}

/* A fuzzer that is always refused finds nothing. */
static void print_reached(void)
{
	const uint64_t *e = run->events;

	printf("# system calls of VPI: %llu succeeded, %llu were refused\n",
	       (unsigned long long)run->succeeded,
	       (unsigned long long)run->refused);
	printf("# events: %llu BLOCKED, %llu UNBLOCKED, %llu PREEMPT, %llu RESUMED, %llu SIGNAL\n",
	       (unsigned long long)e[0], (unsigned long long)e[1],
	       (unsigned long long)e[2], (unsigned long long)e[3],
	       (unsigned long long)e[4]);
}

/* Runs of consecutive seeds, so that each alone can be repeated by its own. */
static bool fuzz(void)
{
	uint64_t done = 0;

	printf("# seed %llu, %llu calls, %u processes of %u threads\n",
	       (unsigned long long)seed, (unsigned long long)calls_wanted,
	       run->processes, run->threads);
	while (done < calls_wanted) {
		run_draw(seed++, batch);
		if (!watch_run()) {
			explain(batch);
			return false;
		}
		done += batch;
	}
	print_reached();
	return true;
}

int main(int argc, char **argv)
{
	bool passed;

	/* What call_vfork() and call_exec() execute. */
	if (argc == 2 && !strcmp(argv[1], "nothing"))
		return 0;
	if (argc == 3 && !strcmp(argv[1], "process")) {
		run_find();
		process(atoi(argv[2]));
	}
	run_create();
	read_options(argc, argv);
	setvbuf(stdout, NULL, _IOLBF, 0);
	watch_prepare();
	printf("TAP version 13\n1..1\n");
	passed = replay ? replay_list() : fuzz();
	printf("%sok 1 - nothing fails\n", passed ? "" : "not ");
	return !passed;
}
