// SPDX-License-Identifier: MIT
/*
 * The other side of figures 8 and 9, where the first is a JavaScript program.
 *
 *	unblock PAIRS COUNT
 *
 * File descriptors 3 and 4 are where it reads and writes for the first pair,
 * and so on: each is unblocked COUNT times.
 */
#include <stdio.h>
#include <stdlib.h>

#include "partner.h"

int main(int argc, char **argv)
{
	long count = argc == 3 ? atol(argv[1]) : 0;
	long blocks = argc == 3 ? atol(argv[2]) : 0;
	struct pair pairs[MAX_PAIRS];

	if (count < 1 || count > MAX_PAIRS || blocks < 1) {
		fprintf(stderr, "usage: %s PAIRS COUNT\n", argv[0]);
		return 2;
	}
	for (long i = 0; i < count; i++)
		pairs[i] = (struct pair){ 3 + 2 * i, 4 + 2 * i, blocks };
	start_partners(pairs, count);
	join_partners();
	return 0;
}
