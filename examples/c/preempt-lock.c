#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include "preempt-lock.h"

void preempt_lock_init(struct preempt_lock *l)
{
	*l = (struct preempt_lock) { .last = &l->first };
	vpi_lock_init(&l->guard);
}

/* Also of the last owner, when the lock is free. A hint: who spins in vain only loses time. */
static bool is_stalled(struct preempt_lock *l)
{
	return atomic_load(&l->stalled) == atomic_load(&l->acquisitions);
}

/* The cookie says of which acquisition: the owner may have released the lock since, and taken it again. */
static void notified(struct preempt_lock *l, const vpi_user_data_t *ud)
{
	if (ud->type == VPI_PREEMPT && ud->cookie > atomic_load(&l->stalled))
		atomic_store(&l->stalled, ud->cookie);
}

void sleep_until_woken(struct preempt_lock *l, struct waiter *me)
{
	vpi_user_data_t ud = { 0 };

	while (!atomic_load(&me->woken))
		if (vpi_kernel_register(&ud) == 0)
			notified(l, &ud);
	atomic_store(&me->gone, 1);
}

/* It may be about to register, or carry a notification: so this tries again until it sleeps, or has seen that it is woken. */
void wake(struct waiter *w)
{
	atomic_store(&w->woken, 1);
	while (!atomic_load(&w->gone) && vpi_kernel_resume_arg(w->vp, VPI_SEQ_ANY, 0) == -EAGAIN)
		sched_yield();
}

/* Under the guard the owner cannot go: it will find this waiter. */
static void park(struct preempt_lock *l, struct waiter *me)
{
	vpi_lock_acquire(&l->guard);
	if (!atomic_load(&l->owner) || !is_stalled(l)) {
		vpi_lock_release(&l->guard);
		return;
	}
	atomic_store(&me->woken, 0);
	atomic_store(&me->gone, 0);
	me->next = NULL;
	*l->last = me;
	l->last = &me->next;
	vpi_lock_release(&l->guard);
	me->sleeps++;
	sleep_until_woken(l, me);
}

void preempt_lock_acquire(struct preempt_lock *l, struct waiter *me)
{
	void *none = NULL;

	while (!atomic_compare_exchange_weak(&l->owner, &none, me->vp)) {
		none = NULL;
		if (is_stalled(l))
			park(l, me);
	}
	vpi_set_cookie(atomic_fetch_add(&l->acquisitions, 1) + 1);
	vpi_noupcall_clear();
}

void preempt_lock_release(struct preempt_lock *l)
{
	struct waiter *w;

	vpi_noupcall_set();
	vpi_lock_acquire(&l->guard);
	w = l->first;
	if (w) {
		l->first = w->next;
		if (!l->first)
			l->last = &l->first;
	}
	atomic_store(&l->owner, NULL);
	vpi_lock_release(&l->guard);
	if (w)
		wake(w);
}
