/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The system calls of the virtual processor interface, raw: 0 or a value on
 * success, -1 and errno on failure.
 */
#ifndef VPI_SYS_H
#define VPI_SYS_H

#include <stddef.h>
#include <unistd.h>
#include <sys/syscall.h>
#include <linux/vpi.h>

static inline int vpi_attach(struct vpi_attach *attach, size_t size)
{
	return syscall(__NR_vpi_attach, attach, size);
}

static inline int vpi_detach(unsigned int flags)
{
	return syscall(__NR_vpi_detach, flags);
}

static inline int vpi_register(struct vpi_event *event, size_t size,
			       __s64 deadline, unsigned int flags)
{
	return syscall(__NR_vpi_register, event, size, deadline, flags);
}

static inline int vpi_resume(__u64 vp, __u64 seq, __u64 arg,
			     unsigned int flags)
{
	return syscall(__NR_vpi_resume, vp, seq, arg, flags);
}

static inline int vpi_wait_register(unsigned int n)
{
	return syscall(__NR_vpi_wait_register, n);
}

static inline int vpi_status(struct vpi_status *status, size_t size, __u64 vp)
{
	return syscall(__NR_vpi_status, status, size, vp);
}

static inline int vpi_mode(unsigned int mask, unsigned int flags)
{
	return syscall(__NR_vpi_mode, mask, flags);
}

#endif /* VPI_SYS_H */
