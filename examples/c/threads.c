#include "threads.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <vpi.h>

#define STACK_SIZE	(128UL << 10)
#define THIS_VP		((struct vp *)vpi_get_data())

/* At the upper end of its own stack. */
struct thread {
	struct thread *next;	/* in the ready queue */
	struct vp *held_on;	/* NULL: it goes on wherever it is run */
	void *sp;		/* while it does not run */
	void (*func)(void *arg);
	void *arg;
	struct thread *joiner;
	_Atomic bool ended;
};

struct vp {
	struct thread *runs;	/* since its manager's last run() */
	void *sp;		/* the manager's, meanwhile */
	bool owns;		/* a processor: may run threads */
	void *handle;
	uint64_t held;		/* after which of its blocks, lately */
};

static vpi_lock_t lock;				/* of all this */
static struct thread *first, **last = &first;	/* the ready queue */
static int idle;				/* processors nobody owns */
static struct thread *main_thread;
static struct vp vps[VPI_MAX_VPS];		/* outlive the VPs */
static _Atomic int vp_count;

/* Save here what a call preserves, the stack in *save; go on as saved at @sp. */
void switch_stack(void **save, void *sp);
__asm__(".pushsection .text; switch_stack:\n"
	"	push %rbp; push %rbx; push %r12; push %r13; push %r14; push %r15\n"
	"	mov %rsp, (%rdi); mov %rsi, %rsp\n"
	"	pop %r15; pop %r14; pop %r13; pop %r12; pop %rbx; pop %rbp\n"
	"	ret; .popsection\n");

/* A thread that blocked is held on its VP, and needs that VP to go on. */
static void make_ready(struct thread *t, struct vp *held_on)
{
	t->held_on = held_on;
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

/*
 * With the lock held, to this VP's manager, which releases it: not before all
 * of the thread is saved may another VP run it. Returns when one does.
 */
static void leave(void)
{
	switch_stack(&THIS_VP->runs->sp, THIS_VP->sp);
}

static void thread_main(void)
{
	struct thread *self = THIS_VP->runs;

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

void thread_join(struct thread *t)
{
	vpi_lock_acquire(&lock);
	t->joiner = THIS_VP->runs;
	if (t->ended)
		release();
	else
		leave();
	munmap((char *)(t + 1) - STACK_SIZE, STACK_SIZE);
}

void thread_yield(void)
{
	vpi_lock_acquire(&lock);
	make_ready(THIS_VP->runs, NULL);
	leave();
}

/* Until it leaves. */
static void run(struct vp *self, struct thread *t)
{
	self->runs = t;
	vpi_noupcall_clear();
	switch_stack(&self->sp, t->sp);
	vpi_noupcall_set();
	vpi_lock_release(&lock);
}

/*
 * What is ready next, and a processor for it; or NULL, and none. A held thread
 * has the processor already, on the VP that @ud names then.
 */
static struct thread *next(struct vp *self, vpi_user_data_t *ud)
{
	struct thread *t = NULL;

	vpi_lock_acquire(&lock);
	idle += self->owns;
	self->owns = first && idle;
	if (self->owns) {
		idle--;
		t = first;
		first = t->next;
		if (!first)
			last = &first;
	}
	if (t && t->held_on) {
		self->owns = false;
		t->held_on->owns = true;
		ud->vp = t->held_on->handle;
		ud->seq = t->held_on->held;
	}
	release();
	return t;
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

/* Of every VP: queued upcalls first, then what is ready, else wait. */
static void manager(vpi_user_data_t *ud)
{
	struct vp *self = &vps[vp_count++];
	int ret = 0;

	self->handle = vpi_get_vp();
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
		if (ret == 0 && ud->type != VPI_RESUMED)
			handle(ud->data, ud);
	}
	vpi_finish(0);
}

int threads_run(void (*func)(void *arg), void *arg, int threads, int processors)
{
	struct vpi_init_options options = {
		/* If all threads are blocked, there is one left to be told. */
		.vpcount = threads + processors - 1,
		.vpmem = manager,
		.mask = VPI_BLOCKED | VPI_UNBLOCKED,
		.target = (unsigned int)processors,
	};
	vpi_user_data_t ud = { 0 };
	int ret;

	idle = processors;
	main_thread = thread_create(func, arg);
	ret = main_thread ? vpi_init_with(&options) : -ENOMEM;
	if (ret == 0)
		manager(&ud);
	return ret;
}
