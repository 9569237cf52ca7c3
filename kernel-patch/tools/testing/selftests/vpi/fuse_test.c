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

FIXTURE_SETUP(fuse)
{
	self->fd = fuse_open();
	if (self->fd < 0)
		SKIP(return, "no FUSE, or no right to it");
	controller_start(0);
	/* A page that is missing sleeps in user mode: so no NOFAULT. */
	vp_start_flags(&self->worker, 0, BLOCK_MASKS);
	vp_start(&self->carrier);
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

VPI_TEST_MAIN
