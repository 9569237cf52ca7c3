/* SPDX-License-Identifier: MIT */
/*
 * What the peers' programs have in common: `PROGRAM FIGURE COUNT`, a warm-up
 * of a tenth of COUNT, and one line of JSON for what was measured after it.
 */
#ifndef MEASURE_H
#define MEASURE_H

#include <stdint.h>

/* Runs @count iterations of a workload. */
typedef void (*workload_func)(long count);

struct workload {
	int		figure;
	workload_func	run;
	/* Without a warm-up: it is memory that counts. */
	int		once;
};

/* Set by a workload that measures memory, for all its iterations together. */
extern int64_t measured_bytes;

/* Bytes that nobody in the machine uses; as bench/workloads/free-memory.ts. */
int64_t free_memory(void);

/* Main of a program: @row is what it measures; @workloads end with a 0. */
int measure(int argc, char **argv, const char *row,
	    const struct workload *workloads);

uint64_t nanoseconds(void);

/* Ends the program with status 1 unless @holds: its time means nothing. */
void check(int holds, const char *what);

#endif
