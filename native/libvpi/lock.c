/* Locks between processors. */
#include "vpcb.h"

#include <assert.h>
#include <errno.h>
#include <sched.h>

/* Looks at a lock between two sched_yield(): its owner may wait for this CPU. */
#define SPINS	200

/* An address that is the calling kernel thread's alone, VP or not. */
static uintptr_t caller(void)
{
	static _Thread_local char mark
		__attribute__((tls_model("initial-exec")));

	return (uintptr_t)&mark;
}

static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#endif
}

void vpi_lock_init(vpi_lock_t *l)
{
	atomic_init(&l->owner, 0);
}

void vpi_lock_free(vpi_lock_t *l)
{
	assert(atomic_load(&l->owner) == 0);
	(void)l;
}

static bool take(vpi_lock_t *l)
{
	uintptr_t none = 0;

	/* The look before the exchange keeps the cache line shared. */
	return atomic_load_explicit(&l->owner, memory_order_relaxed) == 0 &&
	       atomic_compare_exchange_strong_explicit(&l->owner, &none,
						       caller(),
						       memory_order_acquire,
						       memory_order_relaxed);
}

void vpi_lock_acquire(vpi_lock_t *l)
{
	assert(atomic_load(&l->owner) != caller());
	/* First: between the two, a page fault would be notified. */
	vpi__quiet(vpi__self());
	for (unsigned int spins = 1; !take(l); spins++) {
		if (spins % SPINS)
			relax();
		else
			sched_yield();
	}
}

int vpi_lock_tryacquire(vpi_lock_t *l)
{
	vpi__quiet(vpi__self());
	if (take(l))
		return 0;
	vpi__unquiet(vpi__self());
	return -EBUSY;
}

void vpi_lock_release(vpi_lock_t *l)
{
	assert(atomic_load(&l->owner) == caller());
	atomic_store_explicit(&l->owner, 0, memory_order_release);
	vpi__unquiet(vpi__self());
}
