/* The kernel's system calls, with -errno as their result. */
#ifndef VPI_SYSCALL_H
#define VPI_SYSCALL_H

#include <errno.h>
#include <linux/vpi.h>
#include <stdint.h>
#include <unistd.h>

/*
 * errno is put back: a user-level thread keeps its own idea of it, and these
 * calls are made on its behalf at places where it expects none.
 */
static inline int vpi__call(long nr, long a, long b, long c, long d)
{
	int saved = errno;
	long ret = syscall(nr, a, b, c, d);

	if (ret < 0) {
		ret = -errno;
		errno = saved;
	}
	return (int)ret;
}

static inline int sys_vpi_attach(struct vpi_attach *attach)
{
	return vpi__call(__NR_vpi_attach, (long)attach, sizeof(*attach), 0, 0);
}

static inline int sys_vpi_detach(void)
{
	return vpi__call(__NR_vpi_detach, 0, 0, 0, 0);
}

static inline int sys_vpi_register(struct vpi_event *event, int64_t deadline,
				   unsigned int flags)
{
	return vpi__call(__NR_vpi_register, (long)event, sizeof(*event),
			 deadline, flags);
}

static inline int sys_vpi_resume(uint64_t vp, uint64_t seq, uint64_t arg)
{
	return vpi__call(__NR_vpi_resume, (long)vp, (long)seq, (long)arg, 0);
}

static inline int sys_vpi_wait_register(unsigned int n)
{
	return vpi__call(__NR_vpi_wait_register, n, 0, 0, 0);
}

static inline int sys_vpi_status(struct vpi_status *status, uint64_t vp)
{
	return vpi__call(__NR_vpi_status, (long)status, sizeof(*status),
			 (long)vp, 0);
}

static inline int sys_vpi_mode(unsigned int mask, unsigned int flags)
{
	return vpi__call(__NR_vpi_mode, mask, flags, 0, 0);
}

#endif /* VPI_SYSCALL_H */
