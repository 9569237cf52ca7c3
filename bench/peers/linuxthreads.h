/* SPDX-License-Identifier: MIT */
/*
 * A model of LinuxThreads, made from its design, since the original cannot be
 * built any more: it needs a C library of its time. A thread is a process of
 * its own (clone() without CLONE_THREAD). A manager, a process too, creates
 * and reaps them, asked through a pipe. Who waits sleeps in sigsuspend(), and
 * is restarted by a real-time signal. A thread finds its descriptor by its
 * stack pointer.
 *
 * Not modelled: cancellation, priorities, thread-specific data, stack guards.
 */
#ifndef SYSTEM_H
#define SYSTEM_H

#include <stddef.h>

#define SYSTEM_ROW	"linuxthreads"
#define MUTEX_INIT	{ 0 }
#define CONDITION_INIT	{ 0 }

struct descriptor;

typedef struct descriptor *thread_t;

/* Threads that wait, the first to be woken first. */
struct waiters {
	struct descriptor *first;
	struct descriptor **last;
};

typedef struct {
	int		spin;
	int		taken;
	struct waiters	waiters;
} mutex_t;

typedef struct {
	int		spin;
	struct waiters	waiters;
} condition_t;

typedef struct {
	mutex_t		mutex;
	condition_t	all_here;
	int		members;
	int		missing;
	unsigned long	episode;
} barrier_t;

void system_begin(void);
void system_end(void);
void spawn(thread_t *t, void *(*run)(void *), void *arg);
void *join(thread_t t);
void lock(mutex_t *m);
void unlock(mutex_t *m);
void await(condition_t *c, mutex_t *m);
void notify(condition_t *c);
void barrier_open(barrier_t *b, int members);
int reach(barrier_t *b);

#endif
