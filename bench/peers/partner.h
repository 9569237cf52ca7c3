/* SPDX-License-Identifier: MIT */
/*
 * The other side of a pair of figures 8 and 9: a kernel thread that is no VP,
 * and unblocks who blocks.
 */
#ifndef PARTNER_H
#define PARTNER_H

#define MAX_PAIRS 16

/* Of one side: ends of two pipes. Who blocks writes a byte into one, and blocks in reading the other. */
struct pair {
	int	from, to;
	long	blocks;
};

void give(int fd);
void take(int fd);

/*
 * Starts one for each pair, and waits for their end. They run when nobody else
 * does: whoever has written its request goes on, and blocks in its read().
 */
void start_partners(struct pair *pairs, int count);
void join_partners(void);

#endif
