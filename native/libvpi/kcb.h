/*
 * The instance, as the library sees it: beside the kernel's control block
 * (KCB) what it needs to create VPs and to be sure that all are gone.
 */
#ifndef VPI_KCB_H
#define VPI_KCB_H

#include "vpcb.h"

#include <stdbool.h>

enum kcb_state {
	KCB_NONE,		/* no instance */
	KCB_STARTING,		/* vpi_init() is creating VPs: they wait */
	KCB_RUNNING,
	KCB_FINISHING,		/* vpi_finish() was called, or vpi_init() failed */
};

struct kcb {
	/* Guards all of it, and the table of VPCBs. Taken quietly only. */
	pthread_mutex_t lock;
	pthread_cond_t started;		/* state left KCB_STARTING */
	pthread_cond_t changed;		/* a VP was made, or ended, or finishes */
	_Atomic(enum kcb_state) state;	/* written with the lock held */
	_Atomic(int) vps;		/* VPs in the table ... */
	_Atomic(int) system_vps;	/* ... and the system VPs among them */
	struct vpcb *main;		/* whose thread called vpi_init() */
	bool main_waits;		/* ... and then vpi_finish() */
	int status;			/* given to the first vpi_finish() */
	/*
	 * The thread of the VP that ended last. Each one that ends joins the
	 * one before it, and vpi_finish() the last: so nobody joins itself,
	 * and never more than one is left over.
	 */
	bool has_ended;
	pthread_t ended;
	/* Constant from before the first VP is created. */
	struct vpi_kcb_page *page;
	size_t page_size;
	vpi_user_func vpresume;
	unsigned int vp_flags;		/* for every VP: VPI_ATTACH_NOFAULT */
	size_t stack_size;
};

extern struct kcb vpi__kcb;

void vpi__kcb_lock(void);
void vpi__kcb_unlock(void);

/* 0, -EPERM for a thread that is no VP, -ECANCELED after vpi_finish(). */
int vpi__usable(void);

/*
 * With the state KCB_FINISHING. On the main VP: until all others are gone; on
 * another one: until the main VP does so.
 */
void vpi__wait_for_others(void);

/* On the main VP: when all others are gone, leave no trace of the instance. */
void vpi__tear_down(void);

/* VPI_INTERRUPT_SIGNAL: install its handler, put back what was there. */
void vpi__interrupt_install(void);
void vpi__interrupt_restore(void);

/* Get every VP but the caller out of whatever it waits for. Locked. */
void vpi__interrupt_others(void);

#endif /* VPI_KCB_H */
