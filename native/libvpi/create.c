/* A VP's life: created, attached, running its manager, gone. */
#include "kcb.h"
#include "vpi-syscall.h"

#include <errno.h>

/* What the creator and the new thread tell each other, on the former's stack. */
struct birth {
	vpi_user_func func;
	void *data;
	unsigned int flags;
	void *vp;
	int result;
	bool over;
};

/*
 * Whichever way the manager ends (it may call pthread_exit()), the VP leaves
 * the instance first and the kernel then: its slot, and with it its VPCB,
 * can be another VP's only after that.
 */
static void end(void *unused)
{
	struct kcb *kcb = &vpi__kcb;
	bool has_before;
	pthread_t before;

	(void)unused;
	vpi_noupcall_set();
	vpi__kcb_lock();
	has_before = kcb->has_ended;
	before = kcb->ended;
	kcb->has_ended = true;
	kcb->ended = pthread_self();
	vpi__forget_self();
	pthread_cond_broadcast(&kcb->changed);
	vpi__kcb_unlock();

	vpi__detach_self();
	if (has_before)
		pthread_join(before, NULL);
}

static void tell_creator(struct birth *birth, int result)
{
	vpi__kcb_lock();
	birth->result = result;
	birth->vp = vpi_get_vp();
	birth->over = true;
	pthread_cond_broadcast(&vpi__kcb.changed);
	vpi__kcb_unlock();
}

/* Managers run when vpi_init() has succeeded, not before. */
static void wait_for_start(void)
{
	vpi__kcb_lock();
	while (vpi__kcb.state == KCB_STARTING)
		pthread_cond_wait(&vpi__kcb.started, &vpi__kcb.lock);
	vpi__kcb_unlock();
}

static void *vp_main(void *arg)
{
	struct birth *birth = arg;
	vpi_user_func func = birth->func;
	struct vpi_attach attach = {
		.version = VPI_ABI_VERSION,
		.flags = birth->flags,
		.mask = VPI_MASK_ALL,
	};
	vpi_user_data_t ud = { 0 };
	int ret;

	ret = vpi__attach(&attach, func, birth->data);
	ud.vp = vpi_get_vp();
	ud.data = vpi_get_data();
	tell_creator(birth, ret);	/* which ends the life of *birth */
	if (ret < 0)
		return NULL;

	pthread_cleanup_push(end, NULL);
	wait_for_start();
	if (!vpi_is_finishing())
		func(&ud);
	pthread_cleanup_pop(1);
	return NULL;
}

/*
 * Signals are for the main VP and for threads that are no VPs, so that a
 * handler runs where the program expects it. What an error of the VP's own
 * raises cannot wait: the kernel kills a process that blocks it.
 */
static void vp_signals(sigset_t *blocked)
{
	static const int own[] = {
		SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS,
	};

	sigfillset(blocked);
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		sigdelset(blocked, own[i]);
	sigdelset(blocked, VPI_INTERRUPT_SIGNAL);
}

static int start_thread(pthread_t *thread, struct birth *birth)
{
	pthread_attr_t attr;
	sigset_t blocked, old;
	int ret;

	ret = pthread_attr_init(&attr);
	if (ret)
		return -ret;
	ret = pthread_attr_setstacksize(&attr, vpi__kcb.stack_size);
	if (!ret) {
		/* The new thread inherits the mask. */
		vp_signals(&blocked);
		pthread_sigmask(SIG_SETMASK, &blocked, &old);
		ret = pthread_create(thread, &attr, vp_main, birth);
		pthread_sigmask(SIG_SETMASK, &old, NULL);
	}
	pthread_attr_destroy(&attr);
	return -ret;
}

int vpi_create_with(vpi_user_func vpfunc, struct vpi_create_options *options)
{
	struct birth birth = { .func = vpfunc, .data = options->data };
	pthread_t thread;
	int ret;

	ret = vpi__usable();
	if (ret < 0)
		return ret;
	if (!vpfunc ||
	    options->flags & ~(VPI_ATTACH_SYSTEM | VPI_ATTACH_NOFAULT))
		return -EINVAL;
	birth.flags = options->flags | vpi__kcb.vp_flags;

	ret = start_thread(&thread, &birth);
	if (ret < 0)
		return ret;

	vpi__kcb_lock();
	while (!birth.over)
		pthread_cond_wait(&vpi__kcb.changed, &vpi__kcb.lock);
	vpi__kcb_unlock();
	if (birth.result < 0)
		pthread_join(thread, NULL);
	options->vp = birth.vp;
	return birth.result;
}

int vpi_create(vpi_user_func vpfunc)
{
	struct vpi_create_options options = { 0 };

	return vpi_create_with(vpfunc, &options);
}

int vpi_create_system(vpi_user_func vpfunc)
{
	struct vpi_create_options options = { .flags = VPI_ATTACH_SYSTEM };

	return vpi_create_with(vpfunc, &options);
}

int vpi_exit(void)
{
	if (!vpi__self())
		return -EPERM;
	if (vpi__self() == vpi__kcb.main)
		return -EINVAL;
	pthread_exit(NULL);
}
