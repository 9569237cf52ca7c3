// SPDX-License-Identifier: GPL-2.0
/* fork, vfork, exec, and the end of VPs and processes. */
#include "vpi_test.h"
#include <sys/prctl.h>
#include "../kselftest_harness.h"

/* This program, started anew, says whether it is still a VP. */
#define EXEC_CHECK	"--exec-check"

static bool no_vp(void)
{
	struct vpi_status status;

	return vpi_status(&status, sizeof(status), 0) == -1 && errno == EPERM;
}

/* The main thread of a process that was a VP's, or never one: no VPI left. */
static int check_no_vpi(void)
{
	struct vpi_attach attach;

	if (!no_vp())
		return 2;
	if (!attach_self(&attach, 0, BLOCK_MASKS) || errno != ENXIO)
		return 3;
	if (attach_self(&attach, VPI_ATTACH_INIT, BLOCK_MASKS))
		return 4;
	if (status_now().count[VPI_ACTIVE] != 1)
		return 5;
	return 0;
}

static int status_of_child(pid_t child)
{
	int wstatus;

	CHECK(child > 0);
	CHECK(waitpid(child, &wstatus, 0) == child);
	return wstatus;
}

/* --- fork and vfork ------------------------------------------------------------ */

TEST(fork_child_has_no_vpi)
{
	struct vpi_kcb_page *page;
	struct vpi_attach attach;
	unsigned char in_core;
	pid_t child;

	ASSERT_EQ(0, attach_self(&attach, VPI_ATTACH_INIT, BLOCK_MASKS));
	page = vpi_page(&attach);
	child = fork();
	if (!child) {
		if (mincore(page, getpagesize(), &in_core) != -1 ||
		    errno != ENOMEM)
			_exit(6);
		_exit(check_no_vpi());
	}
	EXPECT_EQ(0, status_of_child(child));
	EXPECT_EQ(1, page->active);
	EXPECT_EQ(1, status_now().count[VPI_ACTIVE]);
	EXPECT_EQ(attach.handle, vpi_word(&attach)->handle);
}

static long fork_order(struct vp *vp, long unused)
{
	pid_t child;

	upcalls_on(vp);
	child = fork();
	if (!child)
		_exit(check_no_vpi());
	upcalls_off(vp);
	return child;
}

/* The child of a VP with upcalls on, while others are held and registered. */
TEST(fork_by_a_vp)
{
	struct vp worker, carrier, forker;
	int fds[2];
	__u64 seq;
	pid_t child;

	controller_start(0);
	vp_start(&worker);
	vp_start(&carrier);
	vp_start(&forker);
	ASSERT_EQ(0, pipe(fds));
	seq = hold(&worker, &carrier, fds);
	vp_order(&forker, fork_order, 0);
	while (!vp_idle(&forker)) {
		/* Its fork may have slept, and nobody else resumes it. */
		vpi_resume(forker.attach.handle, VPI_SEQ_ANY, 0, 0);
		sched_yield();
	}
	child = vp_await(&forker);
	EXPECT_EQ(0, status_of_child(child));
	EXPECT_EQ(VPI_WAITRESUME, worker.word->state);
	EXPECT_EQ(0, vpi_resume(worker.attach.handle, seq, 0, 0));
	EXPECT_EQ(1, vp_await(&worker));
}

static uint32_t child_no_vp;
static int vfork_fds[2];

/* The child runs on the parent's stack: no more than system calls there. */
static long vfork_order(struct vp *vp, long unused)
{
	pid_t child;
	char byte;

	upcalls_on(vp);
	child = vfork();
	if (!child) {
		child_no_vp = no_vp();
		(void)!read(vfork_fds[0], &byte, 1);
		_exit(0);
	}
	upcalls_off(vp);
	return child;
}

/* The parent waits for the child: a block as any other. The child is no VP. */
TEST(vfork_by_a_vp)
{
	struct vp worker, carrier;

	controller_start(0);
	vp_start(&worker);
	vp_start(&carrier);
	ASSERT_EQ(0, pipe(vfork_fds));
	vp_register(&carrier);
	vp_order(&worker, vfork_order, 0);
	expect_event(&carrier, VPI_BLOCKED, &worker);
	vp_register(&carrier);
	put_byte(vfork_fds[1]);
	expect_event(&carrier, VPI_UNBLOCKED, &worker);
	EXPECT_EQ(1, status_now().blocks);
	ASSERT_EQ(0, vpi_resume(worker.attach.handle, carrier.event.seq, 0, 0));
	EXPECT_EQ(0, status_of_child(vp_await(&worker)));
	EXPECT_EQ(1, child_no_vp);
}

/* --- exec ------------------------------------------------------------------------ */

static void exec_check(void)
{
	execl("/proc/self/exe", "lifecycle_test", EXEC_CHECK, NULL);
	die("exec");
}

/* One held, one registered, one blocked, one active with upcalls on. */
static void populate(void)
{
	static struct vp worker, carrier, blocked, registered, plain;
	int fds[2], other[2];

	vp_start(&worker);
	vp_start(&carrier);
	vp_start(&blocked);
	vp_start(&registered);
	vp_start(&plain);
	CHECK(!pipe(fds) && !pipe(other));
	hold(&worker, &carrier, fds);
	vp_register(&carrier);
	vp_order(&blocked, read_order, other[0]);
	expect_event(&carrier, VPI_BLOCKED, &blocked);
	vp_register(&registered);
}

TEST(exec_by_the_leader)
{
	pid_t child = fork();

	if (!child) {
		controller_start(0);
		populate();
		exec_check();
	}
	EXPECT_EQ(0, status_of_child(child));
}

static long exec_order(struct vp *vp, long unused)
{
	upcalls_on(vp);
	exec_check();
	return 0;
}

TEST(exec_by_another)
{
	pid_t child = fork();

	if (!child) {
		struct vp executor;

		controller_start(0);
		populate();
		vp_start(&executor);
		vp_order(&executor, exec_order, 0);
		/* Its exec may sleep, and be held, before it is through. */
		for (;;) {
			vpi_resume(executor.attach.handle, VPI_SEQ_ANY, 0, 0);
			sched_yield();
		}
	}
	EXPECT_EQ(0, status_of_child(child));
}

static long failed_exec_order(struct vp *vp, long unused)
{
	CHECK(execl("/nonexistent/program", "program", NULL) == -1);
	return 0;
}

TEST(failed_exec_changes_nothing)
{
	struct vp worker, carrier;
	int fds[2];

	controller_start(0);
	vp_start(&worker);
	vp_start(&carrier);
	ASSERT_EQ(0, pipe(fds));
	EXPECT_EQ(0, vp_do(&worker, failed_exec_order, 0));
	hold(&worker, &carrier, fds);
	ASSERT_EQ(0, vpi_resume(worker.attach.handle, VPI_SEQ_ANY, 0, 0));
	EXPECT_EQ(1, vp_await(&worker));
}

/* --- The end of a VP, in each state ------------------------------------------------ */

FIXTURE(end) {
	struct vpi_kcb_page *page;
	struct vp worker;
	struct vp carrier;
	int fds[2];
};

static void exit_thread(int sig)
{
	syscall(SYS_exit, 0);
}

FIXTURE_SETUP(end)
{
	struct sigaction action = { .sa_handler = exit_thread };

	ASSERT_EQ(0, sigaction(SIGUSR1, &action, NULL));
	self->page = controller_start(0);
	vp_start(&self->worker);
	vp_start(&self->carrier);
	ASSERT_EQ(0, pipe(self->fds));
}

FIXTURE_TEARDOWN(end)
{
}

/* The VP's thread ends in a signal handler; glibc's join still sees that. */
static void end_by_signal(struct vp *vp)
{
	CHECK(!pthread_kill(vp->thread, SIGUSR1));
	CHECK(!pthread_join(vp->thread, NULL));
}

static void expect_gone(struct vp *vp)
{
	struct vpi_status status;

	CHECK(vpi_status(&status, sizeof(status), vp->attach.handle) == -1);
	CHECK(errno == ESRCH);
	CHECK(vp->word->handle != vp->attach.handle);
	status = status_now();
	CHECK(status.blocks == status.seen + status.cancels);
	CHECK(status.seen == status.unblocked + status.released +
			     status.exits + status.count[VPI_BLOCKED_STATE]);
}

TEST_F(end, active)
{
	vp_stop(&self->worker);
	expect_gone(&self->worker);
	EXPECT_EQ(1, self->page->active);
}

TEST_F(end, registered)
{
	vp_register(&self->worker);
	end_by_signal(&self->worker);
	expect_gone(&self->worker);
	EXPECT_EQ(0, self->page->registered);
	EXPECT_EQ(1, self->page->active);
	/* Nobody is registered: this is queued. */
	EXPECT_EQ(0, vpi_resume(VPI_ANY_VP, VPI_SEQ_ANY, 0, 0));
	EXPECT_EQ(1, self->page->queued);
}

static long wait_register_order(struct vp *vp, long n)
{
	return vpi_wait_register(n);
}

TEST_F(end, waiting_for_registered_ones)
{
	vp_order(&self->worker, wait_register_order, 2);
	vp_wait_state(&self->worker, VPI_WAITREGISTER);
	end_by_signal(&self->worker);
	expect_gone(&self->worker);
	EXPECT_EQ(0, status_now().count[VPI_WAITREGISTER]);
}

TEST_F(end, blocked_and_unseen)
{
	vp_order(&self->worker, read_order, self->fds[0]);
	vp_wait_state(&self->worker, VPI_BLOCKED_STATE);
	end_by_signal(&self->worker);
	expect_gone(&self->worker);
	expect_no_event(&self->carrier);
	EXPECT_EQ(1, status_now().cancels);
}

TEST_F(end, blocked_and_seen)
{
	vp_register(&self->carrier);
	vp_order(&self->worker, read_order, self->fds[0]);
	expect_event(&self->carrier, VPI_BLOCKED, &self->worker);
	end_by_signal(&self->worker);
	expect_gone(&self->worker);
}

TEST_F(end, held)
{
	__u64 seq = hold(&self->worker, &self->carrier, self->fds);

	end_by_signal(&self->worker);
	expect_gone(&self->worker);
	EXPECT_EQ(0, status_now().count[VPI_WAITRESUME]);
	EXPECT_EQ(-1, vpi_resume(self->worker.attach.handle, seq, 0, 0));
	EXPECT_EQ(ESRCH, errno);
}

/* Its UNBLOCKED has not been fetched: news of the dead is no news. */
TEST_F(end, held_with_its_event_unfetched)
{
	vp_register(&self->carrier);
	vp_order(&self->worker, read_order, self->fds[0]);
	expect_event(&self->carrier, VPI_BLOCKED, &self->worker);
	put_byte(self->fds[1]);
	vp_wait_state(&self->worker, VPI_WAITRESUME);
	end_by_signal(&self->worker);
	expect_gone(&self->worker);
	expect_no_event(&self->carrier);
}

static long detach_and_read_order(struct vp *vp, long fd)
{
	char byte;

	CHECK(!vpi_detach(0));
	return read(fd, &byte, 1);
}

/* A plain thread again: it may block unnoticed. */
TEST_F(end, detached)
{
	vp_order(&self->worker, detach_and_read_order, self->fds[0]);
	WAIT_FOR(vp_asleep(&self->worker));
	put_byte(self->fds[1]);
	EXPECT_EQ(1, vp_await(&self->worker));
	EXPECT_EQ(0, status_now().blocks);
	expect_gone(&self->worker);
}

/* Slots are used again, handles are not. */
TEST_F(end, slots_are_reused)
{
	__u32 slot = self->worker.attach.slot;
	__u64 last = self->worker.attach.handle;
	int i;

	vp_stop(&self->worker);
	for (i = 0; i < 20; i++) {
		vp_start(&self->worker);
		EXPECT_EQ(slot, self->worker.attach.slot);
		ASSERT_NE(last, self->worker.attach.handle);
		EXPECT_EQ(VPI_NOUPCALL, self->worker.word->flags);
		EXPECT_EQ(0, self->worker.word->cookie);
		last = self->worker.attach.handle;
		self->worker.word->cookie = 99;
		vp_stop(&self->worker);
	}
}

/* --- The end of the process ---------------------------------------------------------- */

TEST(exit_with_vps_in_every_state)
{
	pid_t child = fork();

	if (!child) {
		controller_start(0);
		populate();
		_exit(7);
	}
	EXPECT_EQ(7 << 8, status_of_child(child));
}

static long exit_order(struct vp *vp, long status)
{
	upcalls_on(vp);
	_exit(status);
}

TEST(exit_by_a_vp)
{
	pid_t child = fork();

	if (!child) {
		struct vp last;

		controller_start(0);
		populate();
		vp_start(&last);
		vp_order(&last, exit_order, 8);
		pause();
	}
	EXPECT_EQ(8 << 8, status_of_child(child));
}

/* The leader's thread ends first; its VPs live on until the process ends. */
static void *exit_later(void *leader)
{
	static struct vp worker, carrier;
	struct vpi_attach attach;
	int fds[2];

	CHECK(!attach_self(&attach, VPI_ATTACH_SYSTEM, 0));
	WAIT_FOR(thread_state(*(pid_t *)leader) == 'Z');
	vp_start(&worker);
	vp_start(&carrier);
	CHECK(!pipe(fds));
	hold(&worker, &carrier, fds);
	CHECK(!vpi_resume(worker.attach.handle, VPI_SEQ_ANY, 0, 0));
	CHECK(vp_await(&worker) == 1);
	_exit(9);
}

TEST(exit_of_the_leader)
{
	pid_t child = fork();

	if (!child) {
		static pid_t leader;
		pthread_t thread;
		struct vp keeper;

		leader = getpid();
		controller_start(0);
		vp_start(&keeper);
		CHECK(!pthread_create(&thread, NULL, exit_later, &leader));
		syscall(SYS_exit, 0);
	}
	EXPECT_EQ(9 << 8, status_of_child(child));
}

/* Many times, with nobody counting on a particular moment. */
TEST(exit_again_and_again)
{
	unsigned long i;

	for (i = 0; i < scaled(30); i++) {
		pid_t child = fork();

		if (!child) {
			controller_start(i % 2 ? 100 : 0);
			populate();
			_exit(0);
		}
		ASSERT_EQ(0, status_of_child(child));
	}
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], EXEC_CHECK))
		return check_no_vpi();
	if (vpi_missing()) {
		ksft_print_header();
		ksft_exit_skip("this kernel has no CONFIG_SCHEDVPI\n");
	}
	return test_harness_run(argc, argv);
}
