/* A lock that is spun for while its owner runs, and slept for while its owner has lost its CPU. */
#ifndef PREEMPT_LOCK_H
#define PREEMPT_LOCK_H

#include <stdatomic.h>
#include <vpi.h>

/* Of one VP, for as long as the lock: who wakes it may look here a moment after it has gone on. */
struct waiter {
	void *vp;
	atomic_int woken;
	atomic_int gone;
	struct waiter *next;
	unsigned long sleeps;
};

struct preempt_lock {
	_Atomic(void *) owner;		/* a VP; NULL: free */
	atomic_ulong acquisitions;	/* so far; the owner's cookie */
	atomic_ulong stalled;		/* the newest one whose owner was preempted */
	vpi_lock_t guard;		/* the waiters; and that none comes as the owner goes */
	struct waiter *first, **last;
};

void preempt_lock_init(struct preempt_lock *l);

/* The owner has upcalls on: it is the one whose preemption matters. */
void preempt_lock_acquire(struct preempt_lock *l, struct waiter *me);
void preempt_lock_release(struct preempt_lock *l);

/* Sleeps until wake(@me), and carries what notifications come meanwhile. */
void sleep_until_woken(struct preempt_lock *l, struct waiter *me);
void wake(struct waiter *w);

#endif
