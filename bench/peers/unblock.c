// SPDX-License-Identifier: MIT
/*
 * The other side of figures 8 and 9, where the first is a JavaScript program: a
 * kernel thread for each pair, which is no VP, and unblocks who blocks.
 *
 *	unblock PAIRS COUNT
 *
 * File descriptors 3 and 4 are eventfds of the first pair, and so on: the
 * thread reads the one, and writes the other one, COUNT times.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "measure.h"

#define MAX_PAIRS 16

static long count;

static void *unblocks(void *arg)
{
	int request = 3 + 2 * (int)(intptr_t)arg;
	uint64_t value;

	for (long i = 0; i < count; i++) {
		check(read(request, &value, 8) == 8, "read");
		value = 1;
		check(write(request + 1, &value, 8) == 8, "write");
	}
	return NULL;
}

int main(int argc, char **argv)
{
	long pairs = argc == 3 ? atol(argv[1]) : 0;
	pthread_t threads[MAX_PAIRS];

	count = argc == 3 ? atol(argv[2]) : 0;
	if (pairs < 1 || pairs > MAX_PAIRS || count < 1) {
		fprintf(stderr, "usage: %s PAIRS COUNT\n", argv[0]);
		return 2;
	}
	for (long i = 0; i < pairs; i++)
		check(!pthread_create(&threads[i], NULL, unblocks,
				      (void *)(intptr_t)i), "pthread_create");
	for (long i = 0; i < pairs; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
