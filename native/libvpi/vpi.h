/*
 * libvpi: the user-level library of the virtual processor interface (VPI).
 *
 * A program becomes a VPI instance with vpi_init(). Its virtual processors
 * (VPs) run managers, which run the threads of a user-level thread system;
 * the kernel's notifications (upcalls) are what vpi_kernel_register() returns.
 * vpi(7) explains the model and the rules; each function has a page of its own.
 *
 * Every function that can fail returns -errno; errno is left alone.
 *
 * Context: unless it says otherwise, a function may be called by any VP of
 * the instance, on any stack. It gives -EPERM to a thread that is no VP, and
 * -ECANCELED once vpi_finish() has been called anywhere.
 */
#ifndef VPI_H
#define VPI_H

#include <linux/vpi.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#define VPI_ATOMIC(type)	type	/* same layout; C++ only passes pointers */
#else
#define VPI_ATOMIC(type)	_Atomic(type)
#endif

/*
 * The one signal that a VP does not block, except those that an error in its
 * own code raises. libvpi owns it from vpi_init() to the end of vpi_finish();
 * its handler does nothing but for vpi_syscall(), and is installed without
 * SA_RESTART.
 */
#define VPI_INTERRUPT_SIGNAL	(SIGRTMAX - 1)

/* The notifications that a thread system needs. VPI_MASK_ALL has all five. */
#define VPI_MASK_USUAL		(VPI_BLOCKED | VPI_UNBLOCKED | VPI_RESUMED)

/* Stack of a created VP, in bytes, unless vpi_init_options says otherwise. */
#define VPI_STACK_SIZE		(8UL << 20)

/* Deadlines. A vpi_user_data_t that is all zero waits without limit. */
#define VPI_FOREVER		0	/* no deadline */
#define VPI_NO_WAIT		(-1)	/* fetch a queued notification or none */

/* An upcall: what vpi_kernel_register() returns. */
typedef struct vpi_user_data {
	/* out */
	int		type;		/* VPI_BLOCKED ... VPI_SIGNAL */
	unsigned int	registered;	/* VPs still registered */
	unsigned int	queued;		/* notifications still queued */
	unsigned int	active;		/* VPs active, the receiver included */
	void		*data;		/* vpi_get_data() of the VP concerned */
	uint64_t	cookie;		/* its cookie when it blocked */
	/* out; in for vpi_kernel_resume_register() */
	void		*vp;		/* the VP concerned; RESUMED: the resumer */
	uint64_t	seq;		/* which of its blocks */
	uint64_t	arg;		/* RESUMED: the parameter; PREEMPT: how many */
	/* in: VPI_FOREVER, VPI_NO_WAIT or CLOCK_MONOTONIC in ns; kept */
	int64_t		deadline;
} vpi_user_data_t;

/*
 * A manager, or the function called on RESUMED. A manager is given an upcall
 * of type 0, which names its own VP and which it may use for its
 * vpi_kernel_register() calls. The VP ends when its manager returns.
 */
typedef void (*vpi_user_func)(vpi_user_data_t *ud);

/* What vpi_init() cannot say. All zero: vpi_init(0, NULL, NULL, NULL, 0). */
struct vpi_init_options {
	int		vpcount;	/* VPs to create at once; they run vpmem */
	int		mask;		/* of the KCB: VPI_BLOCKED | ... */
	void		*ptr;		/* first data of the calling VP */
	vpi_user_func	vpmem;		/* manager of the VPs created at once */
	vpi_user_func	vpresume;	/* called on RESUMED, or NULL */
	unsigned int	target;		/* number of processors; 0: do not care */
	/* VPI_ATTACH_SYSTEM: the caller; VPI_ATTACH_NOFAULT: all VPs */
	unsigned int	flags;
	size_t		stack_size;	/* of created VPs; 0: VPI_STACK_SIZE */
};

/* What vpi_create() cannot say. All zero: a member VP whose data is NULL. */
struct vpi_create_options {
	void		*data;		/* its first data */
	unsigned int	flags;		/* VPI_ATTACH_SYSTEM, VPI_ATTACH_NOFAULT */
	void		*vp;		/* out: its handle */
};

/* A spinning lock for a few instructions. Initialise with vpi_lock_init(). */
typedef struct vpi_lock {
	VPI_ATOMIC(uintptr_t)	owner;	/* 0: free */
} vpi_lock_t;

/*
 * The instance
 */

/*
 * Make the process a VPI instance and the caller its main VP. Returns 0 when
 * all @vpcount VPs exist; else -errno, and nothing is left of the attempt:
 * -ENOSYS (kernel without VPI), -EBUSY (there is an instance), -EINVAL,
 * -EPROTO (kernel and library differ), -EAGAIN, -ENOMEM,
 * -ENOSPC (more than VPI_MAX_VPS). Context: a thread that is no VP.
 */
int vpi_init(int vpcount, void *ptr, vpi_user_func vpmem,
	     vpi_user_func vpresume, int mask);
int vpi_init_with(const struct vpi_init_options *options);

/*
 * End the instance. The status, 0 or more, is that of the first call; it is
 * what every call returns. On the main VP: when all other VPs are gone, the
 * caller is a plain thread and the next vpi_init() may come. On another VP:
 * as soon as the main VP has called it too; the manager then returns.
 */
int vpi_finish(int status);

/* 1 once vpi_finish() has been called, else 0. Context: any. */
int vpi_is_finishing(void);

/*
 * The virtual processors
 */

/*
 * Create a VP that runs @vpfunc. Returns 0 when it is attached, else -errno
 * (-EAGAIN, -ENOMEM, -ENOSPC, -EINVAL) and there is no VP. The blocking of a
 * system VP is never notified, and it is never held.
 */
int vpi_create(vpi_user_func vpfunc);
int vpi_create_system(vpi_user_func vpfunc);
int vpi_create_with(vpi_user_func vpfunc, struct vpi_create_options *options);

/*
 * End the calling VP; as if its manager returned. -EINVAL: the main VP ends
 * by vpi_finish(). Context: on the stack that the VP came with.
 */
int vpi_exit(void);

/* Make a blocked system call of @vp fail with EINTR; -ESRCH: no such VP. */
int vpi_interrupt(void *vp);

/*
 * Make system call @nr; returns its result, or -errno. A vpi_interrupt() that
 * comes when this function was entered and its result is not there yet makes
 * it return -EINTR: it is not too early for that before the call blocks. One
 * that comes before or after is lost, so whoever interrupts repeats it until
 * the VP has reacted. Context: any.
 */
long vpi_syscall(long nr, long a, long b, long c, long d, long e, long f);

/* CPUs that the process may use, at least 1. Context: any. */
int vpi_get_cpu_count(void);

/* VPs of the instance, system VPs left out; 0 without one. Context: any. */
int vpi_get_vp_count(void);

/* The pointer kept for the calling VP; NULL without one. */
void *vpi_get_data(void);
void vpi_set_data(void *data);

/* The calling VP's handle; NULL for a thread that is no VP. */
void *vpi_get_vp(void);

/*
 * The kernel
 */

/*
 * Wait for an upcall: 0 and *@ud, -EINTR (a signal; with VPI_SIGNAL in the
 * masks that is an upcall), -ETIMEDOUT, -EDEADLK (the caller
 * holds a vpi_lock_t). NOUPCALL is set afterwards in any case.
 */
int vpi_kernel_register(vpi_user_data_t *ud);

/* First resume @ud->vp after block @ud->seq; its errors mean: not registered. */
int vpi_kernel_resume_register(vpi_user_data_t *ud);

/*
 * Resume the VP *@handle, held or registered. No handle, or NULL in it: any
 * registered VP or the next one that registers. -EAGAIN: it is neither;
 * -ESRCH: it is gone; -EXDEV: it is no handle of this instance.
 */
int vpi_kernel_resume(void **handle);

/* The same after block @seq only (-ESTALE: that is over), and with @arg. */
int vpi_kernel_resume_arg(void *vp, uint64_t seq, uint64_t arg);

/* Sleep until at least @n VPs are registered. */
int vpi_kernel_wait_register(int n);

/* The number of registered VPs, by a system call. */
int vpi_kernel_status(void);

/* All that the kernel counts; and the state of @vp unless it is NULL. */
int vpi_kernel_status_of(void *vp, struct vpi_status *status);

/* Set the caller's own mask, or the KCB's; returns the old one. */
int vpi_kernel_mode(int mask);
int vpi_kernel_mode_all(int mask);

/*
 * The shared page: no system calls
 */

/* NULL without an instance. Valid for a VP for as long as it is one. */
const struct vpi_kcb_page *vpi_get_page(void);

/*
 * Snapshots, old as soon as they are there. Who goes to sleep because of one
 * must close the race: with a lock of its own, or by vpi_kernel_register(),
 * which looks again before it sleeps.
 */
static inline unsigned int vpi_get_queued_count(void)
{
	return __atomic_load_n(&vpi_get_page()->queued, __ATOMIC_RELAXED);
}

static inline unsigned int vpi_get_registered_count(void)
{
	return __atomic_load_n(&vpi_get_page()->registered, __ATOMIC_RELAXED);
}

static inline unsigned int vpi_get_active_count(void)
{
	return __atomic_load_n(&vpi_get_page()->active, __ATOMIC_RELAXED);
}

/*
 * NOUPCALL: "do not notify when I block, do not hold me". Set when a manager
 * starts, after vpi_init() and after every register; the thread system clears
 * it before it runs a thread. While a vpi_lock_t is held it is set, and these
 * say what it is to be afterwards. Nothing happens in a thread that is no VP.
 */
void vpi_noupcall_set(void);
void vpi_noupcall_clear(void);

/* Echoed in the caller's notifications, from its next block on. */
void vpi_set_cookie(uint64_t cookie);

/*
 * Locks between processors, for any thread of the process. They spin, and
 * give up the CPU now and then. A VP has NOUPCALL set while it holds one: a
 * held owner would leave the others spinning for good. So a lock is released
 * on the VP that took it, and not held over anything that may block.
 */
void vpi_lock_init(vpi_lock_t *l);
void vpi_lock_free(vpi_lock_t *l);
void vpi_lock_acquire(vpi_lock_t *l);
int vpi_lock_tryacquire(vpi_lock_t *l);	/* 0, or -EBUSY */
void vpi_lock_release(vpi_lock_t *l);

#ifdef __cplusplus
}
#endif

#endif /* VPI_H */
