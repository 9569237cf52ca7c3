// SPDX-License-Identifier: GPL-2.0
/* A hand-off between two plain threads, made of futexes. */
#include <pthread.h>

#include "bench.h"

#define WARM_UP	100

static struct mailbox left, right;
static unsigned int rounds;
static uint64_t stamp;		/* when the last hand-off began */
static uint64_t stamped;	/* sum of the hand-offs, one way */

/* --- Hand-off ------------------------------------------------------------------ */

/* Each wakes the other and sleeps: what a hand-off is without VPI. */
static void hand_off(struct mailbox *to, struct mailbox *from)
{
	stamp = tsc();
	post(to, 1);
	receive(from);
	stamped += tsc() - stamp;
}

static void *partner(void *unused)
{
	unsigned int i;

	(void)unused;
	receive(&right);
	stamped += tsc() - stamp;
	for (i = 1; i < rounds; i++)
		hand_off(&left, &right);
	post(&left, 1);
	return NULL;
}

static void ping_pong(unsigned int count, struct result *r, bool one_way)
{
	pthread_t thread;
	unsigned int i;

	rounds = WARM_UP + count;
	check(!pthread_create(&thread, NULL, partner, NULL), "pthread_create");
	for (i = 0; i < WARM_UP; i++)
		hand_off(&right, &left);
	stamped = 0;
	begin(r);
	for (i = 0; i < count; i++)
		hand_off(&right, &left);
	end(r, count);
	if (one_way) {
		take_part(r, stamped);
		r->count = 2 * count;
	}
	check(!pthread_join(thread, NULL), "pthread_join");
}

static void one_way(unsigned int count, struct result *r)
{
	ping_pong(count, r, true);
}

static void round_trip(unsigned int count, struct result *r)
{
	ping_pong(count, r, false);
}

const struct row futex_rows[] = {
	{ "futex_one_way", "futex hand-off, until the other runs in user mode",
	  false, 2000, one_way },
	{ "futex_round_trip", "futex ping-pong, there and back",
	  false, 2000, round_trip },
};

const unsigned int nr_futex_rows = sizeof(futex_rows) / sizeof(futex_rows[0]);
