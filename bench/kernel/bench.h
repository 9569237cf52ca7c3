/* SPDX-License-Identifier: GPL-2.0 */
/* What the measures have in common: clocks, threads that meet, and a table of rows. */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <linux/futex.h>

/* At most so many runs of each row; the median is taken of them. */
#define MAX_RUNS	25

/*
 * What one run of a row measured: the sum over @count operations, in cycles of
 * the time stamp counter (in QEMU's icount mode: instructions of the guest), in
 * ns of CLOCK_MONOTONIC, and in context switches of the process.
 */
struct result {
	uint64_t count;
	uint64_t tsc;
	uint64_t ns;
	uint64_t switches;
};

struct row {
	const char *name;
	const char *what;		/* one operation, in words */
	bool vpi;			/* needs a kernel with VPI */
	unsigned int count;		/* operations in one run */
	/* In a process of its own; leaves the sums in @result. */
	void (*run)(unsigned int count, struct result *result);
};

extern const struct row futex_rows[], protocol_rows[], vpi_rows[], plain_rows[];
extern const unsigned int nr_futex_rows, nr_protocol_rows, nr_vpi_rows,
			  nr_plain_rows;

/* A row on one CPU, or free on all of them, over all runs. */
struct figure {
	const struct row *row;
	unsigned int cpus;
	unsigned int runs;
	struct result result[MAX_RUNS];
};

/* Prints @n figures: a line of JSON for each, then the ratios for people. */
void report(const struct figure *figures, unsigned int n);

/* Ends the program with a message, errno and status 1. */
void fail(const char *what) __attribute__((noreturn));

static inline void check(bool ok, const char *what)
{
	if (!ok)
		fail(what);
}

/* --- Clocks --------------------------------------------------------------- */

static inline uint64_t tsc(void)
{
	uint32_t low, high;

	asm volatile("rdtsc" : "=a" (low), "=d" (high) : : "memory");
	return (uint64_t)high << 32 | low;
}

static inline uint64_t clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static inline uint64_t switches(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_nvcsw + usage.ru_nivcsw;
}

/* Around the measured part: begin() in an empty result, end() in the same. */
static inline void begin(struct result *r)
{
	r->switches = switches();
	r->ns = clock_ns();
	r->tsc = tsc();
}

static inline void end(struct result *r, unsigned int count)
{
	r->tsc = tsc() - r->tsc;
	r->ns = clock_ns() - r->ns;
	r->switches = switches() - r->switches;
	r->count = count;
}

/*
 * For parts that are too short for two clocks: the sum of their cycles, @part,
 * was measured; @r has the whole run's. The same share of the ns is theirs.
 */
static inline void take_part(struct result *r, uint64_t part)
{
	r->ns = (double)r->ns * part / r->tsc;
	r->tsc = part;
}

/* --- Futexes ---------------------------------------------------------------- */

static inline uint32_t load(const uint32_t *word)
{
	return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

static inline void store(uint32_t *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_SEQ_CST);
}

static inline long futex_wait(uint32_t *word, uint32_t value)
{
	return syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL);
}

static inline long futex_wake(uint32_t *word)
{
	return syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1);
}

/* A word on a cache line of its own, that one thread waits for. */
struct mailbox {
	uint32_t word;
	char pad[60];
} __attribute__((aligned(64)));

static inline void post(struct mailbox *box, uint32_t value)
{
	store(&box->word, value);
	futex_wake(&box->word);
}

/* Waits for a value, takes it out and returns it. */
static inline uint32_t receive(struct mailbox *box)
{
	uint32_t value;

	while (!(value = load(&box->word)))
		futex_wait(&box->word, 0);
	store(&box->word, 0);
	return value;
}

#endif /* BENCH_H */
