// SPDX-License-Identifier: MIT
#include "partner.h"

#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include "measure.h"

static pthread_t partners[MAX_PAIRS];
static int partner_count;

void give(int fd)
{
	char byte = 0;

	check(write(fd, &byte, 1) == 1, "write");
}

void take(int fd)
{
	char byte;

	check(read(fd, &byte, 1) == 1, "read");
}

static void *unblocks(void *arg)
{
	const struct sched_param none = { 0 };
	struct pair *p = arg;

	/*
	 * Not only does it not preempt who has woken it: who has used up its
	 * slice by then lets others run, but hardly this one.
	 */
	check(!sched_setscheduler(0, SCHED_IDLE, &none), "SCHED_IDLE");
	for (long i = 0; i < p->blocks; i++) {
		take(p->from);
		give(p->to);
	}
	return NULL;
}

void start_partners(struct pair *pairs, int count)
{
	partner_count = count;
	for (int i = 0; i < count; i++)
		check(!pthread_create(&partners[i], NULL, unblocks, &pairs[i]),
		      "pthread_create");
}

void join_partners(void)
{
	for (int i = 0; i < partner_count; i++)
		pthread_join(partners[i], NULL);
}
