/*
 * VPCB: the user-level control block of a VP, its own for its whole life.
 *
 * VPCBs stand in a table indexed by the VP's slot in the kernel, so that the
 * VP that an upcall names is found without a search, and so that looking one
 * up never touches freed memory.
 */
#ifndef VPI_VPCB_H
#define VPI_VPCB_H

#include "vpi.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>

struct vpcb {
	alignas(64) _Atomic(uint64_t) handle;	/* 0: the slot is free */
	_Atomic(void *) data;		/* the thread system's pointer */
	struct vpi_vp_page *word;	/* in the shared page */
	vpi_user_func func;		/* its manager; NULL: the main VP */
	unsigned int flags;		/* its type: VPI_ATTACH_* */
	pthread_t thread;
	/* Written by the VP alone. */
	unsigned int noupcall;		/* wanted while quiet is 0 */
	unsigned int quiet;		/* vpi__quiet() less vpi__unquiet() */
};

/* Only the first vpi__used were ever in use. */
extern struct vpcb vpi__table[VPI_MAX_VPS];
extern unsigned int vpi__used;

/* The calling VP's; NULL in a thread that is no VP. */
struct vpcb *vpi__self(void);

/* The VP @handle names; NULL if it is gone. */
struct vpcb *vpi__find(uint64_t handle);

/* vpi_get_data() of the VP @handle names; NULL if it is gone. */
void *vpi__data_of(uint64_t handle);

/* Make the calling thread a VP. On success it is vpi__self(). */
int vpi__attach(struct vpi_attach *attach, vpi_user_func func, void *data);

/* Take the calling VP out of the table; it stays attached. Locked. */
void vpi__forget_self(void);

/* Then: it is a plain thread. */
void vpi__detach_self(void);

/* In a forked child: nobody is a VP. */
void vpi__forget_all(void);

/*
 * NOUPCALL around what a held VP must never own: locks, and the library's
 * mutex. Nests. @self may be NULL: a plain thread is neither notified nor held.
 */
void vpi__quiet(struct vpcb *self);
void vpi__unquiet(struct vpcb *self);

/* A handle as the kernel has it, and as programs see it. */
static inline uint64_t vpi__handle(void *vp)
{
	return (uintptr_t)vp;
}

static inline void *vpi__pointer(uint64_t handle)
{
	return (void *)(uintptr_t)handle;
}

#endif /* VPI_VPCB_H */
