// SPDX-License-Identifier: GPL-2.0
/*
 * The protocol of a VPI cycle made of futexes: what a thread system must do for
 * itself where the kernel does not tell it.
 *
 * A worker cannot know whether its call will block, so it announces each one
 * beforehand; and it may not go on afterwards until a manager says so:
 *
 *	worker				manager
 *	announce BLOCKED, wake manager
 *	call, and sleep			take BLOCKED
 *					end the worker's sleep
 *	announce UNBLOCKED, wake manager	sleep
 *	sleep until permitted		take UNBLOCKED
 *					permit, wake worker
 *					sleep
 *
 * Four hand-offs and at most eight system calls: whoever finds the word set does
 * not sleep, and on one CPU that happens when the scheduler lets the woken thread
 * run first. The call that blocks is a futex wait, as on the VPI side. Made twice:
 *
 * - As VPI has it: any number of workers and managers, one queue, oldest event
 *   first, an event says which worker and which of its blocks. A lock guards the
 *   queue; it is never contended here, and then makes no system call.
 * - Bare: one word from the one worker to the one manager, another back. No
 *   queue, no data. Less than a thread system can do with: a lower bound.
 */
#include <pthread.h>
#include <string.h>

#include "bench.h"

#define WARM_UP	100

enum { BLOCKED = 1, UNBLOCKED = 2, LEAVE = 3 };

/* --- With a queue ---------------------------------------------------------------- */

struct worker;

struct event {
	struct event *next;
	struct worker *worker;
	uint32_t type;
	uint64_t seq;
	uint64_t cookie;
};

struct worker {
	struct event blocked, unblocked;
	uint64_t seq;
	uint64_t cookie;
	uint32_t io;			/* what its call sleeps on */
	struct mailbox permission;
};

static struct {
	uint32_t lock;			/* 0 free, 1 taken, 2 and somebody waits */
	uint32_t bell;			/* what managers sleep on */
	uint32_t asleep;		/* how many of them */
	struct event *first, **last;
} queue = { .last = &queue.first };

static void lock(uint32_t *word)
{
	uint32_t old = 0;

	if (__atomic_compare_exchange_n(word, &old, 1, false, __ATOMIC_ACQUIRE,
					__ATOMIC_RELAXED))
		return;
	while (__atomic_exchange_n(word, 2, __ATOMIC_ACQUIRE))
		futex_wait(word, 2);
}

static void unlock(uint32_t *word)
{
	if (__atomic_exchange_n(word, 0, __ATOMIC_RELEASE) == 2)
		futex_wake(word);
}

static void announce(struct worker *w, struct event *e, uint32_t type)
{
	bool wake;

	e->next = NULL;
	e->worker = w;
	e->type = type;
	e->seq = w->seq;
	e->cookie = w->cookie;
	lock(&queue.lock);
	*queue.last = e;
	queue.last = &e->next;
	queue.bell++;
	wake = queue.asleep;
	unlock(&queue.lock);
	if (wake)
		futex_wake(&queue.bell);
}

/* The oldest event; sleeps until there is one. */
static struct event take(void)
{
	struct event *e;
	struct event taken;
	uint32_t bell;

	lock(&queue.lock);
	while (!(e = queue.first)) {
		bell = queue.bell;
		queue.asleep++;
		unlock(&queue.lock);
		futex_wait(&queue.bell, bell);
		lock(&queue.lock);
		queue.asleep--;
	}
	queue.first = e->next;
	if (!queue.first)
		queue.last = &queue.first;
	taken = *e;
	unlock(&queue.lock);
	return taken;
}

static void *manager(void *unused)
{
	struct event e;

	(void)unused;
	for (;;) {
		e = take();
		switch (e.type) {
		case BLOCKED:
			store(&e.worker->io, e.worker->io + 1);
			futex_wake(&e.worker->io);
			break;
		case UNBLOCKED:
			post(&e.worker->permission, 1);
			break;
		default:
			return NULL;
		}
	}
}

static void announced_call(struct worker *w)
{
	uint32_t value = load(&w->io);

	w->seq++;
	announce(w, &w->blocked, BLOCKED);
	while (load(&w->io) == value)
		futex_wait(&w->io, value);
	announce(w, &w->unblocked, UNBLOCKED);
	receive(&w->permission);
}

static void with_a_queue(unsigned int count, struct result *r)
{
	static struct worker worker;
	pthread_t thread;
	unsigned int i;

	check(!pthread_create(&thread, NULL, manager, NULL), "pthread_create");
	for (i = 0; i < WARM_UP; i++)
		announced_call(&worker);
	begin(r);
	for (i = 0; i < count; i++)
		announced_call(&worker);
	end(r, count);
	announce(&worker, &worker.blocked, LEAVE);
	check(!pthread_join(thread, NULL), "pthread_join");
}

/* --- Bare -------------------------------------------------------------------------- */

static struct mailbox announcement, permission;
static uint32_t io;

static void *bare_manager(void *unused)
{
	(void)unused;
	for (;;) {
		switch (receive(&announcement)) {
		case BLOCKED:
			store(&io, io + 1);
			futex_wake(&io);
			break;
		case UNBLOCKED:
			post(&permission, 1);
			break;
		default:
			return NULL;
		}
	}
}

static void bare_call(void)
{
	uint32_t value = load(&io);

	post(&announcement, BLOCKED);
	while (load(&io) == value)
		futex_wait(&io, value);
	post(&announcement, UNBLOCKED);
	receive(&permission);
}

static void bare(unsigned int count, struct result *r)
{
	pthread_t thread;
	unsigned int i;

	check(!pthread_create(&thread, NULL, bare_manager, NULL),
	      "pthread_create");
	for (i = 0; i < WARM_UP; i++)
		bare_call();
	begin(r);
	for (i = 0; i < count; i++)
		bare_call();
	end(r, count);
	post(&announcement, LEAVE);
	check(!pthread_join(thread, NULL), "pthread_join");
}

const struct row protocol_rows[] = {
	{ "futex_protocol", "block, tell, unblock, tell, permit: futexes, a queue of events",
	  false, 2000, with_a_queue },
	{ "futex_protocol_bare", "the same with no queue: futexes, one worker, one manager",
	  false, 2000, bare },
};

const unsigned int nr_protocol_rows =
	sizeof(protocol_rows) / sizeof(protocol_rows[0]);
