/* VPI_INTERRUPT_SIGNAL: gets a VP out of a blocked system call. */
#include "interruptible.h"
#include "kcb.h"
#include "vpi-syscall.h"

static struct sigaction old_action;
static sigset_t old_mask;

/* The system call that it interrupts, or nearly so, returns EINTR: that is all. */
static void interrupted(int signo, siginfo_t *info, void *context)
{
	(void)signo;
	(void)info;
	vpi__interrupt_syscall(context);
}

void vpi__interrupt_install(void)
{
	struct sigaction action = {
		.sa_sigaction = interrupted,
		.sa_flags = SA_SIGINFO,
	};
	sigset_t set;

	sigfillset(&action.sa_mask);
	sigaction(VPI_INTERRUPT_SIGNAL, &action, &old_action);
	sigemptyset(&set);
	sigaddset(&set, VPI_INTERRUPT_SIGNAL);
	pthread_sigmask(SIG_UNBLOCK, &set, &old_mask);
}

/*
 * Only the one bit of the mask: the program may have changed the others since.
 * The mask first: a signal that is still on its way finds our handler.
 */
void vpi__interrupt_restore(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, VPI_INTERRUPT_SIGNAL);
	if (sigismember(&old_mask, VPI_INTERRUPT_SIGNAL))
		pthread_sigmask(SIG_BLOCK, &set, NULL);
	sigaction(VPI_INTERRUPT_SIGNAL, &old_action, NULL);
}

void vpi__interrupt_others(void)
{
	struct vpcb *self = vpi__self();

	for (unsigned int slot = 0; slot < vpi__used; slot++) {
		struct vpcb *vpcb = &vpi__table[slot];
		uint64_t handle = atomic_load(&vpcb->handle);

		if (!handle || vpcb == self)
			continue;
		/* Held or registered: resumed. Blocked, or busy: EINTR. */
		if (sys_vpi_resume(handle, VPI_SEQ_ANY, 0) < 0)
			pthread_kill(vpcb->thread, VPI_INTERRUPT_SIGNAL);
	}
}

int vpi_interrupt(void *vp)
{
	struct vpcb *vpcb;
	int ret = -ESRCH;

	/* A VP leaves the table under this lock, before its thread ends. */
	vpi__kcb_lock();
	vpcb = vpi__find(vpi__handle(vp));
	if (vpcb)
		ret = -pthread_kill(vpcb->thread, VPI_INTERRUPT_SIGNAL);
	vpi__kcb_unlock();
	return ret;
}
