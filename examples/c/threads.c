#include "threads.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <vpi.h>

#define STACK_SIZE	(128UL << 10)

/* At the upper end of its own stack. */
struct thread {
	struct thread *next;	/* in the ready queue */
	bool queued;
	_Atomic bool ended;
	struct vp *held_on;	/* NULL: it goes on wherever it is run */
	void *sp;		/* while it does not run */
	void (*func)(void *arg);
	void *arg;
	struct thread *joiner;
};

struct vp {
	struct thread manager;	/* what it runs between threads */
	struct thread *runs;
	bool owns;		/* a processor: may run threads */
	uint64_t held;		/* after which of its blocks */
	void *handle;
};

static vpi_lock_t lock;				/* of all this */
static struct thread *first, **last = &first;	/* the ready queue */
static int idle;				/* processors nobody owns */
static struct thread *main_thread;
static struct vp vps[VPI_MAX_VPS];		/* outlive the VPs */
static _Atomic int vp_count;
static atomic_flag growing = ATOMIC_FLAG_INIT;

/*
 * Save what a call preserves on this stack, and the stack pointer in *save; go
 * on with what was saved on that one. (No thread changes its rounding mode.)
 */
void switch_stack(void **save, void *sp);
__asm__("switch_stack:\n"
	"	push %rbp; push %rbx; push %r12; push %r13; push %r14; push %r15\n"
	"	mov %rsp, (%rdi)\n"
	"	mov %rsi, %rsp\n"
	"	pop %r15; pop %r14; pop %r13; pop %r12; pop %rbx; pop %rbp\n"
	"	ret\n");

/* A thread that blocked is held on its VP, and needs that VP to go on. */
static void make_ready(struct thread *t, struct vp *held_on)
{
	t->held_on = held_on;
	if (t->queued)
		return;
	t->queued = true;
	t->next = NULL;
	*last = t;
	last = &t->next;
}

/* Release the lock; if there is work for an idle processor, wake a VP for it. */
static void release(void)
{
	bool work = first && idle;

	vpi_lock_release(&lock);
	if (work)	/* the next to register, if none is: it is never lost */
		vpi_kernel_resume(NULL);
}

static struct vp *this_vp(void)
{
	return vpi_get_data();
}

/*
 * With the lock held, to this VP's manager, which releases it: not before all
 * of the thread is saved may another VP run it. Returns when one does.
 */
static void leave(void)
{
	switch_stack(&this_vp()->runs->sp, this_vp()->manager.sp);
}

static void thread_main(void)
{
	struct thread *self = this_vp()->runs;

	self->func(self->arg);
	vpi_lock_acquire(&lock);
	self->ended = true;
	if (self->joiner)
		make_ready(self->joiner, NULL);
	leave();
}

struct thread *thread_create(void (*func)(void *arg), void *arg)
{
	char *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct thread *t = (struct thread *)(stack + STACK_SIZE) - 1;

	if (stack == MAP_FAILED)
		return NULL;
	mprotect(stack, 4096, PROT_NONE);	/* stop an overflow here */
	t->func = func;
	t->arg = arg;
	/* Six registers, where ret goes, and the end of the call chain. */
	t->sp = (void **)((uintptr_t)t & ~15UL) - 8;
	((void **)t->sp)[6] = (void *)thread_main;
	vpi_lock_acquire(&lock);
	make_ready(t, NULL);
	release();
	return t;
}

static void thread_free(struct thread *t)
{
	munmap((char *)(t + 1) - STACK_SIZE, STACK_SIZE);
}

void thread_join(struct thread *t)
{
	vpi_lock_acquire(&lock);
	t->joiner = this_vp()->runs;
	if (t->ended)
		release();
	else
		leave();
	thread_free(t);
}

void thread_yield(void)
{
	vpi_lock_acquire(&lock);
	make_ready(this_vp()->runs, NULL);
	leave();
}

/* Until it leaves. */
static void run(struct vp *self, struct thread *t)
{
	self->runs = t;
	vpi_noupcall_clear();
	switch_stack(&self->manager.sp, t->sp);
	vpi_noupcall_set();
	self->runs = &self->manager;
	vpi_lock_release(&lock);
}

/*
 * What is ready next, and a processor for it; or NULL, and none. A held thread
 * has the processor already, on the VP that @ud names then.
 */
static struct thread *next(struct vp *self, vpi_user_data_t *ud)
{
	struct thread *t = NULL;
	struct vp *vp;

	vpi_lock_acquire(&lock);
	idle += self->owns;
	self->owns = first && idle;
	if (self->owns) {
		idle--;
		t = first;
		first = t->next;
		if (!first)
			last = &first;
		t->queued = false;
		vp = t->held_on;
		if (vp) {
			ud->vp = vp->handle;
			ud->seq = vp->held;
			self->owns = vp->owns;
			vp->owns = true;
		}
	}
	release();
	return t;
}

/* @vp was not to be resumed: with no VP left to do it, the kernel had done so. */
static void take_back(struct vp *self, struct vp *vp)
{
	vpi_lock_acquire(&lock);
	if (!self->owns) {
		self->owns = vp->owns;
		vp->owns = false;
	}
	vpi_lock_release(&lock);
}

/*
 * Two VPs may get here with BLOCKED and UNBLOCKED the other way round: the
 * first of the two takes the processor away, a BLOCKED that is late nothing.
 */
static void handle(struct vp *vp, const vpi_user_data_t *ud)
{
	vpi_lock_acquire(&lock);
	if (vp->held < ud->seq) {
		idle += vp->owns;
		vp->owns = false;
		if (ud->type == VPI_UNBLOCKED) {
			vp->held = ud->seq;
			make_ready(vp->runs, vp);
		}
	}
	vpi_lock_release(&lock);
}

/*
 * One more VP, for the next upcall. A held thread may own a lock in the C
 * library: so the wait for that is notified, as the thread's was.
 */
static void grow(vpi_user_func func)
{
	if (atomic_flag_test_and_set(&growing))
		return;
	vpi_noupcall_clear();
	vpi_create(func);
	vpi_noupcall_set();
	atomic_flag_clear(&growing);
}

/* Of every VP: queued upcalls first, then what is ready, else wait. */
static void manager(vpi_user_data_t *ud)
{
	struct vp *self = &vps[vp_count++];
	int ret = 0;

	self->runs = &self->manager;
	self->handle = ud->vp;
	vpi_set_data(self);
	while (ret != -ECANCELED && !main_thread->ended) {
		bool queued = vpi_get_queued_count();
		struct thread *t = queued ? NULL : next(self, ud);

		if (t && !t->held_on) {
			run(self, t);
			continue;
		}
		ud->deadline = queued ? VPI_NO_WAIT : VPI_FOREVER;
		ret = t ? vpi_kernel_resume_register(ud) :
			  vpi_kernel_register(ud);
		if (ret == -ESTALE)
			take_back(self, t->held_on);
		if (ret == 0 && ud->type != VPI_RESUMED)
			handle(ud->data, ud);
		if (ret == 0 && ud->registered == 0)
			grow(manager);
	}
	vpi_finish(0);
}

int threads_run(void (*func)(void *arg), void *arg, int processors)
{
	struct vpi_init_options options = {
		.vpcount = processors,	/* and the caller: one to register */
		.vpmem = manager,
		.mask = VPI_BLOCKED | VPI_UNBLOCKED,
		.target = (unsigned int)processors,
	};
	vpi_user_data_t ud = { 0 };
	int ret;

	idle = processors;
	main_thread = thread_create(func, arg);
	if (!main_thread)
		return -ENOMEM;
	ret = vpi_init_with(&options);
	if (ret == 0) {
		ud.vp = vpi_get_vp();
		manager(&ud);
	}
	thread_free(main_thread);
	return ret;
}
