// SPDX-License-Identifier: GPL-2.0
/* VPs that wait for a file that a thread of the same process serves. */
#include "vpi_test.h"
#include "vpi_fuse.h"
#include "../kselftest_harness.h"

FIXTURE(fuse) {
	struct vp worker;
	struct vp carrier;
	int fd;
};

/* A page that is missing sleeps in user mode: so no NOFAULT for the worker. */
static void start(FIXTURE_DATA(fuse) *self)
{
	controller_start(0);
	vp_start_flags(&self->worker, 0, BLOCK_MASKS);
	vp_start(&self->carrier);
}

FIXTURE_SETUP(fuse)
{
	self->fd = fuse_open();
	if (self->fd < 0)
		SKIP(return, "no FUSE, or no right to it");
	start(self);
}

FIXTURE_TEARDOWN(fuse)
{
}

/* It blocks, once for whoever looks; then the file is there. */
static void block_and_go_on(FIXTURE_DATA(fuse) *self,
			    long (*order)(struct vp *vp, long arg), long arg)
{
	struct vp *worker = &self->worker, *carrier = &self->carrier;
	struct vpi_status s;

	vp_register(carrier);
	vp_order(worker, order, arg);
	expect_event(carrier, VPI_BLOCKED, worker);
	vp_register(carrier);
	fuse_answer();
	expect_event(carrier, VPI_UNBLOCKED, worker);
	CHECK(!vp_idle(worker));
	CHECK(!vpi_resume(worker->attach.handle, carrier->event.seq, 0, 0));
	vp_await(worker);
	s = status_now();
	CHECK(s.seen == 1 && s.unblocked == 1 && s.resumes == 1);
	CHECK(s.blocks == s.seen + s.cancels);
}

TEST_F(fuse, read)
{
	block_and_go_on(self, read_order, self->fd);
	EXPECT_EQ(1, self->worker.ret);
}

static long touch_order(struct vp *vp, long address)
{
	upcalls_on(vp);
	*(volatile char *)address;
	upcalls_off(vp);
	return 0;
}

TEST_F(fuse, page_fault)
{
	void *page = mmap(NULL, FUSE_FILE_SIZE, PROT_READ, MAP_SHARED, self->fd, 0);

	ASSERT_NE(MAP_FAILED, page);
	block_and_go_on(self, touch_order, (long)page);
}

/*
 * The server dies with those who wait for it, whichever goes first: that
 * nobody answers any more must be known to the one that waits.
 */
TEST(killed_while_it_waits_for_a_thread_of_its_own)
{
	static FIXTURE_DATA(fuse) data;
	int status, ready[2];
	pid_t pid;

	ASSERT_EQ(0, pipe(ready));
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		data.fd = fuse_open();
		if (data.fd < 0)
			_exit(KSFT_SKIP);
		start(&data);
		vp_register(&data.carrier);
		vp_order(&data.worker, read_order, data.fd);
		expect_event(&data.carrier, VPI_BLOCKED, &data.worker);
		put_byte(ready[1]);
		for (;;)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], &(char) { 0 }, 1) == 1)
		ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	if (WIFEXITED(status) && WEXITSTATUS(status) == KSFT_SKIP)
		SKIP(return, "no FUSE, or no right to it");
	EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

VPI_TEST_MAIN
