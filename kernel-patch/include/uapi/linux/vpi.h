/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * The virtual processor interface: system calls, structures and the shared
 * page. Documentation/userspace-api/vpi.rst says what they mean.
 */
#ifndef _UAPI_LINUX_VPI_H
#define _UAPI_LINUX_VPI_H

#include <linux/types.h>

/* Checked by vpi_attach(): -EPROTO unless it is the kernel's. */
#define VPI_ABI_VERSION			1

/* 548 and above: never given out upstream, see syscall_64.tbl. */
#define __NR_vpi_attach			548
#define __NR_vpi_detach			549
#define __NR_vpi_register		550
#define __NR_vpi_resume			551
#define __NR_vpi_wait_register		552
#define __NR_vpi_status			553
#define __NR_vpi_mode			554

/*
 * Notifications: the type of an event, and the bits of a mask. RESUMED
 * answers an explicit call and is delivered whatever the mask says.
 */
#define VPI_BLOCKED			0x01
#define VPI_UNBLOCKED			0x02
#define VPI_PREEMPT			0x04
#define VPI_RESUMED			0x08
#define VPI_SIGNAL			0x10

#define VPI_MASK_ALL			(VPI_BLOCKED | VPI_UNBLOCKED | \
					 VPI_PREEMPT | VPI_RESUMED | \
					 VPI_SIGNAL)

/* The states of a virtual processor (VP). */
enum vpi_vp_state {
	VPI_ACTIVE		= 0,	/* runs, or waits for a CPU */
	VPI_REGISTERED		= 1,	/* in vpi_register() */
	VPI_BLOCKED_STATE	= 2,	/* blocked in the kernel */
	VPI_WAITRESUME		= 3,	/* held on its way to user mode */
	VPI_WAITREGISTER	= 4,	/* in vpi_wait_register() */
};

#define VPI_NR_STATES			5

/*
 * A handle names a VP of the caller's own process for as long as the VP is
 * attached. It fits into 53 bits, so that a double holds it. 0 is no VP.
 * The low 16 bits are the VP's slot.
 */
#define VPI_ANY_VP			0ULL
#define VPI_HANDLE_SLOT(handle)		((handle) & 0xffff)

/* At most so many VPs per process. */
#define VPI_MAX_VPS			8192

/*
 * vpi_attach(struct vpi_attach *attach, size_t size)
 *
 * Makes the calling thread a VP. VPI_ATTACH_INIT makes the process a VPI
 * process first.
 */
#define VPI_ATTACH_INIT			0x01	/* create the KCB */
#define VPI_ATTACH_SYSTEM		0x02	/* system VP: not notified, not held */
#define VPI_ATTACH_NOFAULT		0x04	/* faults in user mode are no blocks */

struct vpi_attach {
	__u32	version;	/* in: VPI_ABI_VERSION */
	__u32	flags;		/* in: VPI_ATTACH_* */
	__u32	mask;		/* in: notifications wanted for this VP */
	__u32	kcb_mask;	/* in, INIT only: ... and for all of them */
	__u32	target;		/* in, INIT only: number of processors, or 0 */
	__u32	slot;		/* out: index of this VP's word in the page */
	__u64	handle;		/* out */
	__u64	page;		/* out: address of struct vpi_kcb_page */
	__u64	page_size;	/* out: bytes mapped there */
};

#define VPI_ATTACH_SIZE_VER0		48

/*
 * vpi_register(struct vpi_event *event, size_t size, __s64 deadline,
 *		unsigned int flags)
 *
 * Deadline: CLOCK_MONOTONIC, in ns. One in the past fetches a queued event
 * without sleeping.
 */
#define VPI_NO_DEADLINE			0x7fffffffffffffffLL

/* First resume event->vp as vpi_resume() does with event->seq, event->arg. */
#define VPI_REGISTER_RESUME		0x01

struct vpi_event {
	__u32	type;		/* out: one of VPI_BLOCKED ... VPI_SIGNAL */
	__u32	registered;	/* out: VPs still registered */
	__u64	vp;		/* the VP concerned; RESUMED: who resumed */
	__u64	seq;		/* which of its blocks */
	__u64	cookie;		/* out: what it had written before the block */
	__u64	arg;		/* RESUMED: the parameter; PREEMPT: how many */
	__u32	queued;		/* out: events still queued */
	__u32	active;		/* out: VPs active, the receiver included */
	__u64	reserved[2];	/* 0 */
};

#define VPI_EVENT_SIZE_VER0		64

/*
 * vpi_resume(__u64 vp, __u64 seq, __u64 arg, unsigned int flags)
 *
 * VPI_SEQ_ANY resumes whichever block the VP is held after.
 */
#define VPI_SEQ_ANY			0ULL

/* vpi_mode(unsigned int mask, unsigned int flags) */
#define VPI_MODE_ALL			0x01	/* the KCB's mask, not the caller's */

/* vpi_status(struct vpi_status *status, size_t size, __u64 vp) */
struct vpi_status {
	/* the KCB */
	__u32	count[8];	/* VPs by enum vpi_vp_state; system VPs not */
	__u32	system;		/* system VPs */
	__u32	queued;		/* events queued */
	__u32	mask;
	__u32	target;
	/*
	 * At any time blocks == seen + cancels + (BLOCKED events queued) and
	 * seen == unblocked + released + exits + (VPs in BLOCKED that have
	 * been seen).
	 */
	__u64	blocks;		/* blocks counted as BLOCKED */
	__u64	seen;		/* of these, given to a VP */
	__u64	cancels;	/* of these, over before anybody saw them */
	__u64	unblocked;	/* VPs held after a seen block */
	__u64	released;	/* VPs that went on without being held */
	__u64	exits;		/* VPs that ended in a seen block */
	__u64	resumes;	/* held VPs resumed */
	__u64	auto_resumes;	/* held VPs resumed by the liveness rule */
	__u64	signals;	/* handlers run by held VPs */
	/* one VP, if @vp is not 0 */
	__u32	vp_state;	/* enum vpi_vp_state */
	__u32	vp_mask;
	__u32	vp_tid;		/* in the caller's PID namespace */
	__u32	vp_flags;	/* VPI_ATTACH_* */
	__u64	vp_seq;
	/* the KCB; VPI_STATUS_SIZE_VER0 ends here */
	__u64	preempts;	/* PREEMPT events queued so far */
	__u64	preempt_cancels;	/* of these, over before anybody saw them */
};

#define VPI_STATUS_SIZE_VER0		144
#define VPI_STATUS_SIZE_VER1		160

/*
 * The shared page: struct vpi_kcb_page at the address that vpi_attach()
 * returns, a struct vpi_vp_page for each slot from vp_offset on. The kernel
 * trusts nothing of it but the two fields that user space is to write.
 */
struct vpi_kcb_page {
	__u32	version;	/* VPI_ABI_VERSION */
	__u32	vp_offset;	/* of slot 0, in bytes */
	__u32	vp_size;	/* sizeof(struct vpi_vp_page) */
	__u32	target;
	__u32	queued;		/* events queued */
	__u32	registered;	/* VPs registered */
	__u32	active;		/* VPs active */
	__u32	reserved[9];
};

/* "Do not notify when I block, do not hold me." */
#define VPI_NOUPCALL			0x01

struct vpi_vp_page {
	__u32	flags;		/* user: VPI_NOUPCALL; set by vpi_register() */
	__u32	state;		/* kernel: enum vpi_vp_state */
	__u64	cookie;		/* user: echoed in this VP's events */
	__u64	handle;		/* kernel: 0 while the slot is free */
	__u64	reserved[5];
};

#endif /* _UAPI_LINUX_VPI_H */
