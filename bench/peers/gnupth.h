/* SPDX-License-Identifier: MIT */
/*
 * GNU Pth: stands in for NGPT, whose user-level half was built on it. NGPT's
 * other half, the multiplexing onto several kernel threads, is not here.
 */
#ifndef SYSTEM_H
#define SYSTEM_H

#include <pth.h>

#include "measure.h"

#define SYSTEM_ROW	"pth"
#define MUTEX_INIT	PTH_MUTEX_INIT
#define CONDITION_INIT	PTH_COND_INIT

typedef pth_t thread_t;
typedef pth_mutex_t mutex_t;
typedef pth_cond_t condition_t;
typedef pth_barrier_t barrier_t;

static void system_begin(void)
{
	check(pth_init(), "pth_init");
}

static void system_end(void) { }

static void spawn(thread_t *t, void *(*run)(void *), void *arg)
{
	*t = pth_spawn(PTH_ATTR_DEFAULT, run, arg);
	check(*t != NULL, "pth_spawn");
}

static void *join(thread_t t)
{
	void *value;

	check(pth_join(t, &value), "pth_join");
	return value;
}

static void lock(mutex_t *m) { pth_mutex_acquire(m, FALSE, NULL); }
static void unlock(mutex_t *m) { pth_mutex_release(m); }
static void await(condition_t *c, mutex_t *m) { pth_cond_await(c, m, NULL); }
static void notify(condition_t *c) { pth_cond_notify(c, FALSE); }

static void barrier_open(barrier_t *b, int members)
{
	check(pth_barrier_init(b, members), "pth_barrier_init");
}

/* 1 for one of the members, 0 for the others. */
static int reach(barrier_t *b)
{
	return pth_barrier_reach(b) == PTH_BARRIER_TAILLIGHT;
}

#endif
