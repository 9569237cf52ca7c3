/*
 * Coordinated termination: vpi_finish() ends every VP.
 *
 * From the moment the state is KCB_FINISHING each function of the library
 * gives -ECANCELED, and the managers return. VPs that wait are interrupted
 * until they have: a signal may come after such a VP looked at the state and
 * before its system call begins, and is then lost on it, so it is sent again.
 * Nobody polls for the end itself: the last VP to go wakes who waits.
 */
#include "kcb.h"
#include "vpi-syscall.h"

#include <errno.h>
#include <time.h>

/* Between two interruptions, in ns. Doubled up to the latter. */
#define FIRST_PAUSE	1000000
#define LONGEST_PAUSE	64000000

static void pause_until_changed(long ns)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += ns;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	pthread_cond_clockwait(&vpi__kcb.changed, &vpi__kcb.lock,
			       CLOCK_MONOTONIC, &until);
}

/* The main VP waits for all the others, they wait for it to do so. */
static bool may_go(struct vpcb *self)
{
	struct kcb *kcb = &vpi__kcb;

	return self == kcb->main ? kcb->vps == 1 : kcb->main_waits;
}

void vpi__wait_for_others(void)
{
	struct vpcb *self = vpi__self();
	long pause = FIRST_PAUSE;

	if (!self)		/* vpi_init() that could not attach: nobody */
		return;
	/* What is blocked now comes back by itself; nobody is held any more. */
	sys_vpi_mode(0, VPI_MODE_ALL);
	vpi__kcb_lock();
	if (self == vpi__kcb.main) {
		vpi__kcb.main_waits = true;
		pthread_cond_broadcast(&vpi__kcb.changed);
	}
	while (!may_go(self)) {
		vpi__interrupt_others();
		pause_until_changed(pause);
		if (pause < LONGEST_PAUSE)
			pause *= 2;
	}
	vpi__kcb_unlock();
}

int vpi_finish(int status)
{
	struct kcb *kcb = &vpi__kcb;
	struct vpcb *self = vpi__self();
	bool is_main, is_first;

	if (!self)
		return -EPERM;
	if (status < 0)
		return -EINVAL;

	vpi_noupcall_set();
	vpi__kcb_lock();
	is_main = self == kcb->main;
	is_first = kcb->state == KCB_RUNNING;
	if (is_first) {
		kcb->state = KCB_FINISHING;
		kcb->status = status;
	}
	status = kcb->status;
	vpi__kcb_unlock();

	/* One VP at a time sends signals: the first, until the main VP does. */
	if (is_first || is_main)
		vpi__wait_for_others();
	if (is_main)
		vpi__tear_down();
	return status;
}
