#include "threads.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <vpi.h>

#define STACK_SIZE	(128UL << 10)

/* What stands in the ready queue: a thread, or a VP that is held. */
struct ready {
	struct ready *next;
	bool is_vp;
};

/* At the upper end of its own stack. */
struct thread {
	struct ready ready;
	void *sp;		/* while it does not run */
	void (*func)(void *arg);
	void *arg;
	struct thread *joiner;	/* waits for its end */
	bool ended;
};

/* A thread stays on the VP on which it blocks: then the VP gets ready. */
struct vp {
	struct ready ready;
	bool queued;
	bool owns;		/* a processor: then it may run threads */
	uint64_t blocked, held;	/* newest block, newest end of one: their seq */
	void *handle;
	struct thread *thread;	/* that it runs */
	void *sp;		/* its manager's, meanwhile */
};

static vpi_lock_t lock;			/* of all this */
static struct ready *first, **last;	/* the ready queue */
static int idle;			/* processors that no VP owns */
static struct thread *main_thread;
static struct vp vps[VPI_MAX_VPS];	/* outlive the VPs: upcalls name them */
static _Atomic int vp_count;

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

static void push(struct ready *r)
{
	r->next = NULL;
	*last = r;
	last = &r->next;
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
	switch_stack(&this_vp()->thread->sp, this_vp()->sp);
}

static void thread_main(void)
{
	struct thread *self = this_vp()->thread;

	self->func(self->arg);
	vpi_lock_acquire(&lock);
	self->ended = true;
	if (self->joiner)
		push(&self->joiner->ready);
	leave();
}

struct thread *thread_create(void (*func)(void *arg), void *arg)
{
	char *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct thread *t = (struct thread *)(stack + STACK_SIZE) - 1;
	void **sp = (void **)((uintptr_t)t & ~15UL) - 8;

	if (stack == MAP_FAILED)
		return NULL;
	mprotect(stack, 4096, PROT_NONE);	/* overflow is an error here */
	t->func = func;
	t->arg = arg;
	t->sp = sp;			/* six registers, then where ret goes */
	sp[6] = (void *)thread_main;
	vpi_lock_acquire(&lock);
	push(&t->ready);
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
	if (t->ended) {
		vpi_lock_release(&lock);
	} else {
		t->joiner = this_vp()->thread;
		leave();
	}
	thread_free(t);
}

void thread_yield(void)
{
	vpi_lock_acquire(&lock);
	push(&this_vp()->thread->ready);
	leave();
}

/* Until @t leaves. False: the main thread has ended. */
static bool run(struct vp *self, struct thread *t)
{
	bool go_on;

	self->thread = t;
	vpi_noupcall_clear();
	switch_stack(&self->sp, t->sp);
	vpi_noupcall_set();
	go_on = !main_thread->ended;
	vpi_lock_release(&lock);
	return go_on;
}

/*
 * What is ready next, and a processor for it: a held VP already has it then,
 * and @ud says which. Else NULL, and no processor.
 */
static struct ready *next(struct vp *self, vpi_user_data_t *ud)
{
	struct ready *r = NULL;
	struct vp *vp;

	vpi_lock_acquire(&lock);
	idle += self->owns;
	self->owns = first && idle;
	if (self->owns) {
		idle--;
		r = first;
		first = r->next;
		if (!first)
			last = &first;
	}
	if (r && r->is_vp) {
		vp = (struct vp *)r;
		vp->queued = false;
		ud->vp = vp->handle;
		ud->seq = vp->held;
		self->owns = vp->owns;
		vp->owns = true;
	}
	release();
	return r;
}

/* The VP that was to be resumed goes on already: no VP was left to do it. */
static void take_back(struct vp *self, struct vp *vp)
{
	vpi_lock_acquire(&lock);
	if (!self->owns) {
		self->owns = vp->owns;
		vp->owns = false;
	}
	vpi_lock_release(&lock);
}

static void handle(struct vp *vp, const vpi_user_data_t *ud)
{
	vpi_lock_acquire(&lock);
	/* Another VP may be here with the other one of BLOCKED and UNBLOCKED:
	 * whichever is first takes the processor away. */
	if (vp->blocked < ud->seq) {
		vp->blocked = ud->seq;
		idle += vp->owns;
		vp->owns = false;
	}
	if (ud->type == VPI_UNBLOCKED && vp->held < ud->seq) {
		vp->held = ud->seq;
		if (!vp->queued)
			push(&vp->ready);
		vp->queued = true;
	}
	vpi_lock_release(&lock);
}

/* Of every VP: queued upcalls first, then what is ready, else wait. */
static void manager(vpi_user_data_t *ud)
{
	struct vp *self = &vps[vp_count++];
	int ret = 0;

	*self = (struct vp){ .ready.is_vp = true, .handle = ud->vp };
	vpi_set_data(self);
	while (ret != -ECANCELED) {
		bool queued = vpi_get_queued_count();
		struct ready *r = queued ? NULL : next(self, ud);

		if (r && !r->is_vp) {
			if (run(self, (struct thread *)r))
				continue;
			break;
		}
		ud->deadline = queued ? VPI_NO_WAIT : VPI_FOREVER;
		ret = r ? vpi_kernel_resume_register(ud) :
			  vpi_kernel_register(ud);
		if (ret == -ESTALE || ret == -EAGAIN)
			take_back(self, (struct vp *)r);
		if (ret == 0 && ud->type != VPI_RESUMED)
			handle(ud->data, ud);
		if (ret == 0 && ud->type == VPI_BLOCKED && !ud->registered) {
			/* One more VP, for the next upcall. It may take a lock
			 * of the C library that a held thread owns: so let that
			 * wait be notified, as the thread's was. */
			vpi_noupcall_clear();
			vpi_create(manager);
			vpi_noupcall_set();
		}
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

	vpi_lock_init(&lock);
	first = NULL;
	last = &first;
	idle = processors;
	vp_count = 0;
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
