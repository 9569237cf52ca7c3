// SPDX-License-Identifier: MIT
#include "measure.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

uint64_t nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return UINT64_C(1000000000) * now.tv_sec + now.tv_nsec;
}

void check(int holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "wrong result: %s\n", what);
	_exit(1);
}

int64_t measured_bytes;

int64_t free_memory(void)
{
	long long kibibytes;
	char text[256];
	FILE *file = fopen("/proc/meminfo", "r");

	check(file != NULL, "/proc/meminfo can be read");
	do
		check(fgets(text, sizeof(text), file) != NULL, "it has MemFree");
	while (sscanf(text, "MemFree: %lld kB", &kibibytes) != 1);
	fclose(file);
	return kibibytes * 1024;
}

/* A whole number from 1 on, or 0. */
static long number(const char *text)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	return errno || end == text || *end || value < 1 ? 0 : value;
}

int measure(int argc, char **argv, const char *row,
	    const struct workload *workloads)
{
	const struct workload *w = workloads;
	long figure = argc > 1 ? number(argv[1]) : 0;
	long count = argc > 2 ? number(argv[2]) : 0;
	uint64_t start, time;

	if (argc != 3 || !figure || !count) {
		fprintf(stderr, "usage: %s FIGURE COUNT\n", argv[0]);
		return 2;
	}
	while (w->figure && w->figure != figure)
		w++;
	if (!w->figure) {
		fprintf(stderr, "%s: figure %ld is none that it can do\n",
			argv[0], figure);
		return 3;
	}
	if (!w->once)
		w->run((count + 9) / 10);
	start = nanoseconds();
	w->run(count);
	time = nanoseconds() - start;
	printf("{\"figure\":%ld,\"row\":\"%s\",\"count\":%ld,\"nanoseconds\":%llu",
	       figure, row, count, (unsigned long long)time);
	if (measured_bytes)
		printf(",\"bytes\":%lld", (long long)measured_bytes);
	printf("}\n");
	return fflush(stdout) ? 1 : 0;
}
