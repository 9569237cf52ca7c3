/* The instance: vpi_init() and what it set up. */
#include "kcb.h"
#include "vpi-syscall.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct kcb vpi__kcb = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.started = PTHREAD_COND_INITIALIZER,
	.changed = PTHREAD_COND_INITIALIZER,
};

void vpi__kcb_lock(void)
{
	vpi__quiet(vpi__self());
	pthread_mutex_lock(&vpi__kcb.lock);
}

void vpi__kcb_unlock(void)
{
	pthread_mutex_unlock(&vpi__kcb.lock);
	vpi__unquiet(vpi__self());
}

int vpi__usable(void)
{
	if (!vpi__self())
		return -EPERM;
	return vpi_is_finishing() ? -ECANCELED : 0;
}

int vpi_is_finishing(void)
{
	return atomic_load(&vpi__kcb.state) == KCB_FINISHING;
}

int vpi_get_vp_count(void)
{
	return atomic_load(&vpi__kcb.vps) - atomic_load(&vpi__kcb.system_vps);
}

int vpi_get_cpu_count(void)
{
	int count = 0;

	/* More CPUs than the set has bits for: ask with a larger one. */
	for (int size = CPU_SETSIZE; !count && size <= 1 << 20; size *= 2) {
		cpu_set_t *set = CPU_ALLOC(size);

		if (!set)
			break;
		if (!sched_getaffinity(0, CPU_ALLOC_SIZE(size), set))
			count = CPU_COUNT_S(CPU_ALLOC_SIZE(size), set);
		CPU_FREE(set);
	}
	return count ? count : 1;
}

const struct vpi_kcb_page *vpi_get_page(void)
{
	return vpi__kcb.page;
}

/* A child has neither the KCB nor the page nor the other threads. */
static void forget_in_child(void)
{
	vpi__kcb = (struct kcb) {
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.started = PTHREAD_COND_INITIALIZER,
		.changed = PTHREAD_COND_INITIALIZER,
	};
	vpi__forget_all();
}

static void watch_forks(void)
{
	pthread_atfork(NULL, NULL, forget_in_child);
}

static int check(const struct vpi_init_options *o)
{
	if (o->vpcount < 0 || o->mask < 0 || (o->vpcount && !o->vpmem))
		return -EINVAL;
	if (o->flags & ~(VPI_ATTACH_SYSTEM | VPI_ATTACH_NOFAULT))
		return -EINVAL;
	if (o->stack_size && o->stack_size < (size_t)PTHREAD_STACK_MIN)
		return -EINVAL;
	return 0;
}

static int claim(void)
{
	int ret = -EBUSY;

	vpi__kcb_lock();
	if (vpi__kcb.state == KCB_NONE) {
		vpi__kcb.state = KCB_STARTING;
		ret = 0;
	}
	vpi__kcb_unlock();
	return ret;
}

static void start(enum kcb_state state)
{
	vpi__kcb_lock();
	vpi__kcb.state = state;
	pthread_cond_broadcast(&vpi__kcb.started);
	vpi__kcb_unlock();
}

static int attach_main(const struct vpi_init_options *o)
{
	struct vpi_attach attach = {
		.version = VPI_ABI_VERSION,
		.flags = VPI_ATTACH_INIT | o->flags,
		.mask = VPI_MASK_ALL,
		.kcb_mask = o->mask,
		.target = o->target,
	};
	int ret;

	ret = vpi__attach(&attach, NULL, o->ptr);
	if (ret < 0) {
		if (attach.page)	/* not the kernel, but we said no */
			munmap(vpi__pointer(attach.page), attach.page_size);
		return ret;
	}
	vpi__kcb.main = vpi__self();
	vpi__kcb.page = vpi__pointer(attach.page);
	vpi__kcb.page_size = attach.page_size;
	return 0;
}

void vpi__tear_down(void)
{
	struct kcb *kcb = &vpi__kcb;

	if (kcb->has_ended)
		pthread_join(kcb->ended, NULL);
	if (vpi__self()) {
		vpi__kcb_lock();
		vpi__forget_self();
		vpi__kcb_unlock();
		vpi__detach_self();
		munmap(kcb->page, kcb->page_size);
	}
	vpi__interrupt_restore();

	vpi__kcb_lock();
	kcb->main = NULL;
	kcb->main_waits = false;
	kcb->has_ended = false;
	kcb->page = NULL;
	kcb->state = KCB_NONE;
	vpi__kcb_unlock();
}

int vpi_init_with(const struct vpi_init_options *o)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	int ret;

	ret = check(o);
	if (ret < 0)
		return ret;
	ret = claim();
	if (ret < 0)
		return ret;

	pthread_once(&once, watch_forks);
	vpi__kcb.vpresume = o->vpresume;
	vpi__kcb.vp_flags = o->flags & VPI_ATTACH_NOFAULT;
	vpi__kcb.stack_size = o->stack_size ? o->stack_size : VPI_STACK_SIZE;
	vpi__interrupt_install();
	ret = attach_main(o);
	for (int i = 0; ret == 0 && i < o->vpcount; i++)
		ret = vpi_create(o->vpmem);
	/* Until here no manager has run. */
	start(ret == 0 ? KCB_RUNNING : KCB_FINISHING);
	if (ret < 0) {
		vpi__wait_for_others();
		vpi__tear_down();
	}
	return ret;
}

int vpi_init(int vpcount, void *ptr, vpi_user_func vpmem,
	     vpi_user_func vpresume, int mask)
{
	struct vpi_init_options options = {
		.vpcount = vpcount,
		.ptr = ptr,
		.vpmem = vpmem,
		.vpresume = vpresume,
		.mask = mask,
	};

	return vpi_init_with(&options);
}
