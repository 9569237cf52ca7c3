// SPDX-License-Identifier: GPL-2.0
/* Signals to VPs in every state: handlers run, holds hold, no event is lost. */
#include "vpi_test.h"
#include "vpi_missing.h"
#include <setjmp.h>
#include "../kselftest_harness.h"

FIXTURE(sig) {
	struct vp worker;
	struct vp carrier;
	int fds[2];
};

FIXTURE_SETUP(sig)
{
	controller_start(0);
	vp_start(&self->worker);
	vp_start(&self->carrier);
	ASSERT_EQ(0, pipe(self->fds));
}

FIXTURE_TEARDOWN(sig)
{
}

/* What the handlers of this file tell, and are told. */
static uint32_t entered, left, may_leave;
static int handler_fds[2];
static struct vpi_event handler_event;
static sigjmp_buf jump_target;

static void catch(int sig, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };

	CHECK(!sigaction(sig, &action, NULL));
}

static void count(uint32_t *word)
{
	__atomic_add_fetch(word, 1, __ATOMIC_SEQ_CST);
}

static void short_handler(int sig)
{
	count(&entered);
	count(&left);
}

static void waiting_handler(int sig)
{
	count(&entered);
	while (!load(&may_leave))
		;
	count(&left);
}

static void blocking_handler(int sig)
{
	char byte;

	count(&entered);
	CHECK(read(handler_fds[0], &byte, 1) == 1);
	count(&left);
}

/* Main flow of @vp has not gone on: it is held, and stays so for a while. */
static void expect_held(struct vp *vp)
{
	int i;

	for (i = 0; i < 200; i++) {
		CHECK(!vp_idle(vp));
		CHECK(status_of(vp->attach.handle).vp_state == VPI_WAITRESUME);
		sched_yield();
	}
}

static void resume(struct vp *vp, __u64 seq)
{
	CHECK(!vpi_resume(vp->attach.handle, seq, 0, 0));
}

/* --- Held ------------------------------------------------------------------- */

TEST_F(sig, held_runs_its_handler_and_is_held_again)
{
	__u64 seq;
	int i;

	catch(SIGUSR1, short_handler);
	seq = hold(&self->worker, &self->carrier, self->fds);
	for (i = 1; i <= 3; i++) {
		ASSERT_EQ(0, pthread_kill(self->worker.thread, SIGUSR1));
		WAIT_FOR(load(&left) == i);
		expect_held(&self->worker);
		EXPECT_EQ(i, load(&entered));
		EXPECT_EQ(i, status_now().signals);
	}
	resume(&self->worker, seq);
	EXPECT_EQ(1, vp_await(&self->worker));
	EXPECT_EQ(1, status_now().resumes);
	EXPECT_EQ(1, status_now().unblocked);
	EXPECT_EQ(0, status_now().released);
	expect_no_event(&self->carrier);
}

/* The handler of a held VP may sleep: that is nobody's business. */
TEST_F(sig, a_handler_that_blocks)
{
	__u64 seq;

	ASSERT_EQ(0, pipe(handler_fds));
	catch(SIGUSR1, blocking_handler);
	seq = hold(&self->worker, &self->carrier, self->fds);
	vp_register(&self->carrier);
	ASSERT_EQ(0, pthread_kill(self->worker.thread, SIGUSR1));
	WAIT_FOR(load(&entered));
	WAIT_FOR(vp_asleep(&self->worker));
	EXPECT_EQ(VPI_REGISTERED, self->carrier.word->state);
	EXPECT_EQ(1, status_now().blocks);
	put_byte(handler_fds[1]);
	WAIT_FOR(load(&left));
	expect_held(&self->worker);
	EXPECT_EQ(1, status_now().blocks);
	resume(&self->worker, seq);
	EXPECT_EQ(1, vp_await(&self->worker));
}

TEST_F(sig, resumed_while_its_handler_runs)
{
	__u64 seq;

	catch(SIGUSR1, waiting_handler);
	seq = hold(&self->worker, &self->carrier, self->fds);
	ASSERT_EQ(0, pthread_kill(self->worker.thread, SIGUSR1));
	WAIT_FOR(load(&entered));
	resume(&self->worker, seq);
	EXPECT_EQ(VPI_ACTIVE, self->worker.word->state);
	EXPECT_EQ(-1, vpi_resume(self->worker.attach.handle, seq, 0, 0));
	EXPECT_EQ(ESTALE, errno);
	EXPECT_FALSE(vp_idle(&self->worker));
	store(&may_leave, 1);
	EXPECT_EQ(1, vp_await(&self->worker));
}

/* A handler interrupted by a handler: both run, and then it is held. */
TEST_F(sig, nested_handlers)
{
	__u64 seq;

	catch(SIGUSR1, waiting_handler);
	catch(SIGUSR2, short_handler);
	seq = hold(&self->worker, &self->carrier, self->fds);
	ASSERT_EQ(0, pthread_kill(self->worker.thread, SIGUSR1));
	WAIT_FOR(load(&entered) == 1);
	ASSERT_EQ(0, pthread_kill(self->worker.thread, SIGUSR2));
	WAIT_FOR(load(&left) == 1);
	/* The outer handler still runs, and must not be held. */
	store(&may_leave, 1);
	WAIT_FOR(load(&left) == 2);
	expect_held(&self->worker);
	EXPECT_EQ(2, status_now().signals);
	resume(&self->worker, seq);
	EXPECT_EQ(1, vp_await(&self->worker));
}

/* Two signals that wait for each other's frame to be built. */
TEST_F(sig, two_signals_at_once)
{
	__u64 seq;

	catch(SIGUSR1, short_handler);
	catch(SIGUSR2, short_handler);
	seq = hold(&self->worker, &self->carrier, self->fds);
	ASSERT_EQ(0, pthread_kill(self->worker.thread, SIGUSR1));
	ASSERT_EQ(0, pthread_kill(self->worker.thread, SIGUSR2));
	WAIT_FOR(load(&left) == 2);
	expect_held(&self->worker);
	resume(&self->worker, seq);
	EXPECT_EQ(1, vp_await(&self->worker));
}

/* An ignored signal, and one without a handler, run nothing and end nothing. */
#define STACK_SIZE	(16 * getpagesize())

static long spin_order(struct vp *vp, long stack)
{
	stack_t alt = { .ss_sp = (void *)stack, .ss_size = STACK_SIZE };

	CHECK(!sigaltstack(&alt, NULL));
	upcalls_on(vp);
	while (!load(&may_leave))
		;
	upcalls_off(vp);
	return 0;
}

/*
 * Building the frame of the handler sleeps, and somebody is told. The handler
 * runs at once all the same: only what is under its frame is held.
 */
TEST_F(sig, the_frame_of_the_handler_blocks)
{
	struct sigaction action = {
		.sa_handler = short_handler, .sa_flags = SA_ONSTACK,
	};
	char *stack = missing_memory(STACK_SIZE);
	struct vp *carrier = &self->carrier, worker;

	if (!stack)
		SKIP(return, "no userfaultfd");
	ASSERT_EQ(0, sigaction(SIGUSR1, &action, NULL));
	vp_start_flags(&worker, 0, BLOCK_MASKS);
	vp_order(&worker, spin_order, (long)stack);
	WAIT_FOR(!(load(&worker.word->flags) & VPI_NOUPCALL));
	vp_register(carrier);
	ASSERT_EQ(0, pthread_kill(worker.thread, SIGUSR1));
	expect_event(carrier, VPI_BLOCKED, &worker);
	vp_register(carrier);
	fill_memory(stack, STACK_SIZE);
	expect_event(carrier, VPI_UNBLOCKED, &worker);
	WAIT_FOR(load(&left) == 1);
	store(&may_leave, 1);
	expect_held(&worker);
	EXPECT_EQ(1, status_now().signals);
	resume(&worker, carrier->event.seq);
	EXPECT_EQ(0, vp_await(&worker));
}

TEST_F(sig, ignored_signals)
{
	__u64 seq;

	catch(SIGUSR1, SIG_IGN);
	seq = hold(&self->worker, &self->carrier, self->fds);
	ASSERT_EQ(0, pthread_kill(self->worker.thread, SIGUSR1));
	ASSERT_EQ(0, pthread_kill(self->worker.thread, SIGCHLD));
	ASSERT_EQ(0, pthread_kill(self->worker.thread, SIGCONT));
	expect_held(&self->worker);
	EXPECT_EQ(0, status_now().signals);
	resume(&self->worker, seq);
	EXPECT_EQ(1, vp_await(&self->worker));
}

/* --- Out of the handler for good ---------------------------------------------- */

static void jumping_handler(int sig)
{
	count(&entered);
	siglongjmp(jump_target, 1);
}

static void registering_handler(int sig)
{
	CHECK(vpi_register(&handler_event, sizeof(handler_event), 0, 0) == -1);
	CHECK(errno == ETIMEDOUT);
	count(&left);
	while (!load(&may_leave))
		;
}

static void detaching_handler(int sig)
{
	CHECK(!vpi_detach(0));
	count(&left);
}

/* Jumps out of the wait, runs on for a while, then makes a VPI call. */
static long jump_order(struct vp *vp, long fd)
{
	char byte;

	upcalls_on(vp);
	if (!sigsetjmp(jump_target, 1)) {
		if (read(fd, &byte, 1) != -2)
			return -2;	/* the jump goes elsewhere */
	}
	count(&left);
	while (!load(&may_leave))
		;
	return vpi_register(&vp->event, sizeof(vp->event), 0, 0);
}

TEST_F(sig, siglongjmp)
{
	catch(SIGUSR1, jumping_handler);
	vp_register(&self->carrier);
	vp_order(&self->worker, jump_order, self->fds[0]);
	expect_event(&self->carrier, VPI_BLOCKED, &self->worker);
	vp_register(&self->carrier);
	put_byte(self->fds[1]);
	expect_event(&self->carrier, VPI_UNBLOCKED, &self->worker);
	ASSERT_EQ(0, pthread_kill(self->worker.thread, SIGUSR1));

	/* Unmanaged: it runs, and the kernel still calls it held. */
	WAIT_FOR(load(&left));
	EXPECT_EQ(VPI_WAITRESUME, self->worker.word->state);
	store(&may_leave, 1);
	EXPECT_EQ(-1, vp_await(&self->worker));
	EXPECT_EQ(ETIMEDOUT, errno);
	EXPECT_EQ(VPI_ACTIVE, self->worker.word->state);
	EXPECT_EQ(-1, vpi_resume(self->worker.attach.handle,
				 self->carrier.event.seq, 0, 0));
	EXPECT_EQ(ESTALE, errno);

	/* From here on it is a VP like any other. */
	hold(&self->worker, &self->carrier, self->fds);
	resume(&self->worker, self->carrier.event.seq);
	EXPECT_EQ(1, vp_await(&self->worker));
}

TEST_F(sig, register_in_the_handler_ends_the_hold)
{
	catch(SIGUSR1, registering_handler);
	hold(&self->worker, &self->carrier, self->fds);
	ASSERT_EQ(0, pthread_kill(self->worker.thread, SIGUSR1));
	WAIT_FOR(load(&left));
	EXPECT_EQ(VPI_ACTIVE, self->worker.word->state);
	store(&may_leave, 1);
	EXPECT_EQ(1, vp_await(&self->worker));
}

TEST_F(sig, detach_in_the_handler_ends_the_hold)
{
	__u64 seq;

	catch(SIGUSR1, detaching_handler);
	seq = hold(&self->worker, &self->carrier, self->fds);
	ASSERT_EQ(0, pthread_kill(self->worker.thread, SIGUSR1));
	EXPECT_EQ(1, vp_await(&self->worker));
	EXPECT_EQ(1, load(&left));
	EXPECT_EQ(-1, vpi_resume(self->worker.attach.handle, seq, 0, 0));
	EXPECT_EQ(ESRCH, errno);
	EXPECT_EQ(1, status_now().count[VPI_ACTIVE]);
}

/* --- Blocked ------------------------------------------------------------------ */

/* The call is interrupted: held on its way out, after the handler has run. */
TEST_F(sig, blocked)
{
	catch(SIGUSR1, short_handler);
	vp_register(&self->carrier);
	vp_order(&self->worker, read_order, self->fds[0]);
	expect_event(&self->carrier, VPI_BLOCKED, &self->worker);
	vp_register(&self->carrier);
	ASSERT_EQ(0, pthread_kill(self->worker.thread, SIGUSR1));
	expect_event(&self->carrier, VPI_UNBLOCKED, &self->worker);
	WAIT_FOR(load(&left));
	expect_held(&self->worker);
	resume(&self->worker, self->carrier.event.seq);
	EXPECT_EQ(-1, vp_await(&self->worker));
	EXPECT_EQ(EINTR, errno);
	EXPECT_EQ(1, load(&entered));
}

TEST_F(sig, blocked_and_unseen)
{
	catch(SIGUSR1, short_handler);
	vp_order(&self->worker, read_order, self->fds[0]);
	vp_wait_state(&self->worker, VPI_BLOCKED_STATE);
	ASSERT_EQ(0, pthread_kill(self->worker.thread, SIGUSR1));
	EXPECT_EQ(-1, vp_await(&self->worker));
	EXPECT_EQ(EINTR, errno);
	EXPECT_EQ(1, status_now().cancels);
	expect_no_event(&self->carrier);
}

/* --- Several signals, random moments -------------------------------------------- */

/* Whatever the moment, the handler runs and the hold holds. */
TEST_F(sig, signals_at_any_moment)
{
	unsigned long i, n = scaled(300);
	__u64 seq;

	catch(SIGUSR1, short_handler);
	for (i = 1; i <= n; i++) {
		vp_register(&self->carrier);
		vp_order(&self->worker, read_order, self->fds[0]);
		expect_event(&self->carrier, VPI_BLOCKED, &self->worker);
		seq = self->carrier.event.seq;
		vp_register(&self->carrier);
		put_byte(self->fds[1]);
		ASSERT_EQ(0, pthread_kill(self->worker.thread, SIGUSR1));
		expect_event(&self->carrier, VPI_UNBLOCKED, &self->worker);
		WAIT_FOR(load(&left) == i);
		ASSERT_FALSE(vp_idle(&self->worker));
		resume(&self->worker, seq);
		/* The byte was read before the signal, or is there still. */
		if (vp_await(&self->worker) == -1) {
			ASSERT_EQ(EINTR, errno);
			ASSERT_EQ(1, vp_do(&self->worker, read_order,
					   self->fds[0]));
		}
	}
	EXPECT_EQ(0, status_now().auto_resumes);
	EXPECT_EQ(0, status_now().released);
	EXPECT_EQ(n, status_now().resumes);
}

/* --- What glibc does with signals ------------------------------------------------ */

/* setuid() has every thread run a handler, and waits for all of them. */
TEST_F(sig, setuid_with_a_held_thread)
{
	__u64 seq = hold(&self->worker, &self->carrier, self->fds);

	ASSERT_EQ(0, setuid(getuid()));
	expect_held(&self->worker);
	resume(&self->worker, seq);
	EXPECT_EQ(1, vp_await(&self->worker));
}

static long setuid_order(struct vp *vp, long unused)
{
	return setuid(getuid());
}

TEST_F(sig, setuid_by_a_vp)
{
	__u64 seq = hold(&self->worker, &self->carrier, self->fds);

	EXPECT_EQ(0, vp_do(&self->carrier, setuid_order, 0));
	expect_held(&self->worker);
	resume(&self->worker, seq);
	EXPECT_EQ(1, vp_await(&self->worker));
}

static void expect_cancelled(struct vp *vp)
{
	void *result;

	CHECK(!pthread_cancel(vp->thread));
	CHECK(!pthread_join(vp->thread, &result));
	CHECK(result == PTHREAD_CANCELED);
	CHECK(vpi_resume(vp->attach.handle, VPI_SEQ_ANY, 0, 0) == -1);
	CHECK(errno == ESRCH);
}

TEST_F(sig, pthread_cancel_of_a_blocked_vp)
{
	vp_register(&self->carrier);
	vp_order(&self->worker, read_order, self->fds[0]);
	expect_event(&self->carrier, VPI_BLOCKED, &self->worker);
	vp_register(&self->carrier);
	expect_cancelled(&self->worker);
}

/* The read is over, so its result counts; the next one is cancelled. */
static long read_twice_order(struct vp *vp, long fd)
{
	char byte;

	upcalls_on(vp);
	(void)!read(fd, &byte, 1);
	upcalls_off(vp);
	return read(fd, &byte, 1);
}

TEST_F(sig, pthread_cancel_of_a_held_vp)
{
	void *result;

	vp_register(&self->carrier);
	vp_order(&self->worker, read_twice_order, self->fds[0]);
	expect_event(&self->carrier, VPI_BLOCKED, &self->worker);
	vp_register(&self->carrier);
	put_byte(self->fds[1]);
	expect_event(&self->carrier, VPI_UNBLOCKED, &self->worker);
	ASSERT_EQ(0, pthread_cancel(self->worker.thread));
	/* glibc's handler may end it at once, or leave that to the next read. */
	vpi_resume(self->worker.attach.handle, self->carrier.event.seq, 0, 0);
	ASSERT_EQ(0, pthread_join(self->worker.thread, &result));
	EXPECT_EQ(PTHREAD_CANCELED, result);
	WAIT_FOR(status_now().count[VPI_ACTIVE] == 1);
}

/* --- Stop and continue ------------------------------------------------------------- */

static char process_state(pid_t pid)
{
	char path[64], line[256], *p = NULL;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "r");
	if (f && fgets(line, sizeof(line), f))
		p = strrchr(line, ')');
	if (f)
		fclose(f);
	return p ? p[2] : 0;
}

/* A child stops and continues this process, which waits for the child. */
static void stop_and_continue(int times)
{
	pid_t pid = getpid(), child = fork();
	int wstatus;

	CHECK(child >= 0);
	if (!child) {
		while (times--) {
			CHECK(!kill(pid, SIGSTOP));
			while (process_state(pid) != 'T')
				sched_yield();
			CHECK(!kill(pid, SIGCONT));
			while (process_state(pid) == 'T')
				sched_yield();
		}
		_exit(0);
	}
	CHECK(waitpid(child, &wstatus, 0) == child && !wstatus);
}

TEST_F(sig, stop_and_continue_of_a_held_vp)
{
	__u64 seq = hold(&self->worker, &self->carrier, self->fds);

	stop_and_continue(5);
	expect_held(&self->worker);
	EXPECT_EQ(0, status_now().signals);
	EXPECT_EQ(1, status_now().blocks);
	resume(&self->worker, seq);
	EXPECT_EQ(1, vp_await(&self->worker));
}

/* A stopped read is restarted by the kernel; either way no block is lost. */
TEST_F(sig, stop_and_continue_of_a_blocked_vp)
{
	struct vpi_status status;

	vp_register(&self->carrier);
	vp_order(&self->worker, read_order, self->fds[0]);
	expect_event(&self->carrier, VPI_BLOCKED, &self->worker);
	stop_and_continue(3);
	put_byte(self->fds[1]);
	/* Each entry of the restarted call may be a block of its own. */
	while (!vp_idle(&self->worker)) {
		vpi_resume(self->worker.attach.handle, VPI_SEQ_ANY, 0, 0);
		sched_yield();
	}
	EXPECT_EQ(1, vp_await(&self->worker));
	status = status_now();
	EXPECT_EQ(status.blocks, status.seen + status.cancels);
	EXPECT_EQ(status.seen, status.unblocked + status.released);
}

/* --- The end -------------------------------------------------------------------------- */

/* A process with VPs in every state, for its parent to kill. */
static void hostage(int fd)
{
	struct vp worker, carrier, blocked, registered, waiting;
	int fds[2], other[2];

	controller_start(0);
	CHECK(!pipe(fds) && !pipe(other));
	vp_start(&worker);
	vp_start(&carrier);
	vp_start(&blocked);
	vp_start(&registered);
	vp_start(&waiting);
	hold(&worker, &carrier, fds);
	vp_register(&carrier);
	vp_order(&blocked, read_order, other[0]);
	expect_event(&carrier, VPI_BLOCKED, &blocked);
	vp_register(&registered);
	put_byte(fd);
	pause();
}

static int kill_hostage(int sig)
{
	int fds[2], wstatus;
	pid_t child;
	char byte;

	CHECK(!pipe(fds));
	child = fork();
	CHECK(child >= 0);
	if (!child) {
		hostage(fds[1]);
		_exit(1);
	}
	CHECK(read(fds[0], &byte, 1) == 1);
	CHECK(!kill(child, sig));
	CHECK(waitpid(child, &wstatus, 0) == child);
	return wstatus;
}

TEST(sigkill)
{
	int wstatus = kill_hostage(SIGKILL);

	ASSERT_TRUE(WIFSIGNALED(wstatus));
	EXPECT_EQ(SIGKILL, WTERMSIG(wstatus));
}

TEST(sigterm)
{
	int wstatus = kill_hostage(SIGTERM);

	ASSERT_TRUE(WIFSIGNALED(wstatus));
	EXPECT_EQ(SIGTERM, WTERMSIG(wstatus));
}

/* With a core dump, which waits for every thread, if this system makes any. */
TEST(sigsegv)
{
	int wstatus = kill_hostage(SIGSEGV);

	ASSERT_TRUE(WIFSIGNALED(wstatus));
	EXPECT_EQ(SIGSEGV, WTERMSIG(wstatus));
}

VPI_TEST_MAIN
