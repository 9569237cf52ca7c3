/* The kernel's interface, between upcalls as programs see them and events. */
#include "kcb.h"
#include "vpi-syscall.h"

#include <errno.h>

static int64_t kernel_deadline(int64_t deadline)
{
	if (deadline == VPI_FOREVER)
		return VPI_NO_DEADLINE;
	return deadline < 0 ? 0 : deadline;
}

static int wait_for_upcall(vpi_user_data_t *ud, unsigned int flags)
{
	struct vpi_event event = {
		.vp = vpi__handle(ud->vp),
		.seq = ud->seq,
		.arg = ud->arg,
	};
	struct vpcb *self = vpi__self();
	int ret;

	ret = vpi__usable();
	if (ret < 0)
		return ret;
	/* Whoever could wake this VP may be spinning on that lock. */
	if (self->quiet)
		return -EDEADLK;
	ret = sys_vpi_register(&event, kernel_deadline(ud->deadline), flags);
	/* As the kernel has set it; a call that it refused is made equal. */
	vpi_noupcall_set();
	if (vpi_is_finishing())
		return -ECANCELED;
	if (ret < 0)
		return ret;

	ud->type = (int)event.type;
	ud->registered = event.registered;
	ud->queued = event.queued;
	ud->active = event.active;
	ud->vp = vpi__pointer(event.vp);
	ud->data = vpi__data_of(event.vp);
	ud->seq = event.seq;
	ud->cookie = event.cookie;
	ud->arg = event.arg;
	if (ud->type == VPI_RESUMED && vpi__kcb.vpresume)
		vpi__kcb.vpresume(ud);
	return 0;
}

int vpi_kernel_register(vpi_user_data_t *ud)
{
	return wait_for_upcall(ud, 0);
}

int vpi_kernel_resume_register(vpi_user_data_t *ud)
{
	return wait_for_upcall(ud, VPI_REGISTER_RESUME);
}

int vpi_kernel_resume_arg(void *vp, uint64_t seq, uint64_t arg)
{
	int ret = vpi__usable();

	return ret < 0 ? ret : sys_vpi_resume(vpi__handle(vp), seq, arg);
}

int vpi_kernel_resume(void **handle)
{
	return vpi_kernel_resume_arg(handle ? *handle : NULL, VPI_SEQ_ANY, 0);
}

int vpi_kernel_wait_register(int n)
{
	int ret = vpi__usable();

	if (ret < 0)
		return ret;
	if (n <= 0)
		return -EINVAL;
	ret = sys_vpi_wait_register((unsigned int)n);
	return vpi_is_finishing() ? -ECANCELED : ret;
}

int vpi_kernel_status_of(void *vp, struct vpi_status *status)
{
	int ret = vpi__usable();

	return ret < 0 ? ret : sys_vpi_status(status, vpi__handle(vp));
}

int vpi_kernel_status(void)
{
	struct vpi_status status;
	int ret = vpi_kernel_status_of(NULL, &status);

	return ret < 0 ? ret : (int)status.count[VPI_REGISTERED];
}

static int mode(int mask, unsigned int flags)
{
	int ret = vpi__usable();

	if (ret < 0)
		return ret;
	return mask < 0 ? -EINVAL : sys_vpi_mode((unsigned int)mask, flags);
}

int vpi_kernel_mode(int mask)
{
	return mode(mask, 0);
}

int vpi_kernel_mode_all(int mask)
{
	return mode(mask, VPI_MODE_ALL);
}
