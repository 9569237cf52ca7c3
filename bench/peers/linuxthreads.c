// SPDX-License-Identifier: MIT
#include "linuxthreads.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure.h"

/* Aligned to its size, so that any address in it leads to its descriptor. */
#define STACK_SIZE	(2UL << 20)
#define MANAGER_STACK	(64UL << 10)
#define THREAD_FLAGS	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND)

#define SIG_RESTART	(SIGRTMIN)
#define SIG_ENDED	(SIGRTMIN + 1)

/* At the upper end of its thread's stack. */
struct descriptor {
	pid_t		pid;
	void		*(*run)(void *);
	void		*arg;
	void		*value;
	struct descriptor *next;	/* in a queue of waiters */
	struct descriptor *joiner;
	int		spin;		/* guards joiner, has_ended */
	int		has_ended;
	int		is_joined;	/* the manager's: to be freed when it is gone */
	int		is_gone;	/* the manager's: its process was reaped */
	struct descriptor *next_thread;	/* the manager's list of all */
	volatile sig_atomic_t restarted;
};

struct request {
	enum { CREATE, FREE, END } what;
	struct descriptor *from;
	struct descriptor *thread;
	void		*(*run)(void *);
	void		*arg;
};

static struct descriptor initial;
static uintptr_t initial_stack;
static int to_manager = -1, of_manager;

/* ---- Suspend and restart --------------------------------------------------- */

static struct descriptor *self(void)
{
	uintptr_t sp = (uintptr_t)__builtin_frame_address(0);
	uintptr_t end = (sp | (STACK_SIZE - 1)) + 1;

	/* The first thread's stack is the kernel's, and much farther up. */
	if (sp > initial_stack - (8UL << 20) && sp <= initial_stack)
		return &initial;
	return (struct descriptor *)end - 1;
}

static void on_restart(int signal)
{
	(void)signal;
	self()->restarted = 1;
}

/* SIG_RESTART is blocked but in here: one that comes early waits for us. */
static void suspend(struct descriptor *me)
{
	sigset_t mask;

	sigprocmask(SIG_BLOCK, NULL, &mask);
	sigdelset(&mask, SIG_RESTART);
	while (!me->restarted)
		sigsuspend(&mask);
	me->restarted = 0;
}

static void restart(struct descriptor *t)
{
	kill(t->pid, SIG_RESTART);
}

static void acquire(int *spin)
{
	for (int tries = 0; __atomic_exchange_n(spin, 1, __ATOMIC_ACQUIRE);)
		if (++tries % 50 == 0)
			sched_yield();
}

static void release(int *spin)
{
	__atomic_store_n(spin, 0, __ATOMIC_RELEASE);
}

static void push(struct waiters *w, struct descriptor *t)
{
	t->next = NULL;
	if (!w->first)
		w->last = &w->first;
	*w->last = t;
	w->last = &t->next;
}

static struct descriptor *shift(struct waiters *w)
{
	struct descriptor *t = w->first;

	if (t)
		w->first = t->next;
	return t;
}

/* ---- The manager ------------------------------------------------------------- */

static volatile sig_atomic_t some_have_ended;
static struct descriptor *all;

static void on_ended(int signal)
{
	(void)signal;
	some_have_ended = 1;
}

static int thread_main(void *arg)
{
	struct descriptor *me = arg, *joiner;

	me->pid = getpid();
	me->value = me->run(me->arg);
	acquire(&me->spin);
	me->has_ended = 1;
	joiner = me->joiner;
	release(&me->spin);
	if (joiner)
		restart(joiner);
	_exit(0);
}

static void *new_stack(void)
{
	char *p = mmap(NULL, 2 * STACK_SIZE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	char *aligned;

	check(p != MAP_FAILED, "mmap");
	aligned = (char *)(((uintptr_t)p + STACK_SIZE - 1) & -STACK_SIZE);
	if (aligned > p)
		munmap(p, aligned - p);
	munmap(aligned + STACK_SIZE, p + STACK_SIZE - aligned);
	return aligned;
}

static void create(struct request *r)
{
	char *stack = new_stack();
	struct descriptor *t = (struct descriptor *)(stack + STACK_SIZE) - 1;
	void *top = (void *)((uintptr_t)t & -16UL);

	t->run = r->run;
	t->arg = r->arg;
	t->next_thread = all;
	all = t;
	t->pid = clone(thread_main, top, THREAD_FLAGS | SIG_ENDED, t);
	check(t->pid > 0, "clone");
	r->from->value = t;
	restart(r->from);
}

static void free_thread(struct descriptor *t)
{
	struct descriptor **link = &all;

	while (*link != t)
		link = &(*link)->next_thread;
	*link = t->next_thread;
	munmap((char *)(t + 1) - STACK_SIZE, STACK_SIZE);
}

static void reap(void)
{
	pid_t pid;

	some_have_ended = 0;
	while ((pid = waitpid(-1, NULL, WNOHANG | __WCLONE)) > 0) {
		struct descriptor *t = all;

		while (t->pid != pid)
			t = t->next_thread;
		t->is_gone = 1;
		if (t->is_joined)
			free_thread(t);
	}
}

static int manager_main(void *arg)
{
	struct pollfd pipe = { .fd = of_manager, .events = POLLIN };
	struct request r;
	sigset_t mask;

	(void)arg;
	/* Nothing is left of us when the first thread is killed. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&mask);
	sigaddset(&mask, SIG_ENDED);
	sigprocmask(SIG_UNBLOCK, &mask, NULL);
	for (;;) {
		/* The time limit is the original's: for a signal just before. */
		int ready = poll(&pipe, 1, 2000);

		if (some_have_ended)
			reap();
		if (ready != 1 || read(of_manager, &r, sizeof(r)) != sizeof(r))
			continue;
		if (r.what == CREATE) {
			create(&r);
		} else if (r.what == FREE) {
			r.thread->is_joined = 1;
			if (r.thread->is_gone)
				free_thread(r.thread);
		} else {
			_exit(0);
		}
	}
}

static void ask(struct request r)
{
	check(write(to_manager, &r, sizeof(r)) == sizeof(r), "write");
}

static void handle(int signal, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };

	sigaction(signal, &action, NULL);
}

void system_begin(void)
{
	sigset_t mask;
	int ends[2];
	char *stack;

	initial_stack = ((uintptr_t)__builtin_frame_address(0) | 0xfffff) + 1;
	initial.pid = getpid();
	handle(SIG_RESTART, on_restart);
	handle(SIG_ENDED, on_ended);
	sigemptyset(&mask);
	sigaddset(&mask, SIG_RESTART);
	sigaddset(&mask, SIG_ENDED);
	sigprocmask(SIG_BLOCK, &mask, NULL);

	check(!pipe(ends), "pipe");
	of_manager = ends[0];
	to_manager = ends[1];
	stack = mmap(NULL, MANAGER_STACK, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	check(stack != MAP_FAILED, "mmap");
	check(clone(manager_main, stack + MANAGER_STACK, THREAD_FLAGS, NULL) > 0,
	      "clone");
}

void system_end(void)
{
	ask((struct request){ .what = END });
}

/* ---- Threads --------------------------------------------------------------------- */

void spawn(thread_t *t, void *(*run)(void *), void *arg)
{
	struct descriptor *me = self();

	ask((struct request){ .what = CREATE, .from = me, .run = run, .arg = arg });
	suspend(me);
	*t = me->value;
}

void *join(thread_t t)
{
	struct descriptor *me = self();
	void *value;
	int waits;

	acquire(&t->spin);
	waits = !t->has_ended;
	if (waits)
		t->joiner = me;
	release(&t->spin);
	if (waits)
		suspend(me);
	value = t->value;
	ask((struct request){ .what = FREE, .from = me, .thread = t });
	return value;
}

/* ---- Mutexes and conditions --------------------------------------------------------- */

void lock(mutex_t *m)
{
	struct descriptor *me = self();

	/* Whoever is restarted has to try again, as in the original. */
	for (;;) {
		acquire(&m->spin);
		if (!m->taken)
			break;
		push(&m->waiters, me);
		release(&m->spin);
		suspend(me);
	}
	m->taken = 1;
	release(&m->spin);
}

void unlock(mutex_t *m)
{
	struct descriptor *next;

	acquire(&m->spin);
	m->taken = 0;
	next = shift(&m->waiters);
	release(&m->spin);
	if (next)
		restart(next);
}

void await(condition_t *c, mutex_t *m)
{
	struct descriptor *me = self();

	acquire(&c->spin);
	push(&c->waiters, me);
	release(&c->spin);
	unlock(m);
	suspend(me);
	lock(m);
}

void notify(condition_t *c)
{
	struct descriptor *next;

	acquire(&c->spin);
	next = shift(&c->waiters);
	release(&c->spin);
	if (next)
		restart(next);
}

/* Of a mutex and a condition, as its users had to make it. */
void barrier_open(barrier_t *b, int members)
{
	*b = (barrier_t){ .members = members, .missing = members };
}

int reach(barrier_t *b)
{
	int is_last;

	lock(&b->mutex);
	is_last = --b->missing == 0;
	if (is_last) {
		b->missing = b->members;
		b->episode++;
		for (int i = 1; i < b->members; i++)
			notify(&b->all_here);
	} else {
		unsigned long episode = b->episode;

		while (b->episode == episode)
			await(&b->all_here, &b->mutex);
	}
	unlock(&b->mutex);
	return is_last;
}
