/* SPDX-License-Identifier: MIT */
/* NPTL: glibc's threads. Its barrier is its own, which needs no mutex. */
#ifndef SYSTEM_H
#define SYSTEM_H

#include <pthread.h>

#include "measure.h"

#define SYSTEM_ROW	"nptl"
#define MUTEX_INIT	PTHREAD_MUTEX_INITIALIZER
#define CONDITION_INIT	PTHREAD_COND_INITIALIZER

typedef pthread_t thread_t;
typedef pthread_mutex_t mutex_t;
typedef pthread_cond_t condition_t;
typedef pthread_barrier_t barrier_t;

static void system_begin(void) { }
static void system_end(void) { }

static void spawn(thread_t *t, void *(*run)(void *), void *arg)
{
	check(!pthread_create(t, NULL, run, arg), "pthread_create");
}

static void *join(thread_t t)
{
	void *value;

	check(!pthread_join(t, &value), "pthread_join");
	return value;
}

static void lock(mutex_t *m) { pthread_mutex_lock(m); }
static void unlock(mutex_t *m) { pthread_mutex_unlock(m); }
static void await(condition_t *c, mutex_t *m) { pthread_cond_wait(c, m); }
static void notify(condition_t *c) { pthread_cond_signal(c); }

static void barrier_open(barrier_t *b, int members)
{
	check(!pthread_barrier_init(b, NULL, members), "pthread_barrier_init");
}

/* 1 for one of the members, 0 for the others. */
static int reach(barrier_t *b)
{
	return pthread_barrier_wait(b) == PTHREAD_BARRIER_SERIAL_THREAD;
}

#endif
