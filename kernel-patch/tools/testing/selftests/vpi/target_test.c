// SPDX-License-Identifier: GPL-2.0
/* The target: how many VPs are to be active. */
#include "vpi_test.h"
#include "../kselftest_harness.h"

FIXTURE(target) {
	struct vpi_kcb_page *page;
	struct vp worker;
	struct vp first;
	struct vp second;
	int fds[2];
};

FIXTURE_SETUP(target)
{
	self->page = controller_start(1);
	vp_start(&self->worker);
	vp_start(&self->first);
	vp_start(&self->second);
	ASSERT_EQ(0, pipe(self->fds));
}

FIXTURE_TEARDOWN(target)
{
}

/* @first runs, @second is registered, UNBLOCKED of @worker is queued. */
static void queue_unblocked(FIXTURE_DATA(target) *self)
{
	vp_register(&self->second);
	vp_register(&self->first);
	vp_order(&self->worker, read_order, self->fds[0]);
	expect_event(&self->first, VPI_BLOCKED, &self->worker);
	CHECK(self->page->active == 1);
	put_byte(self->fds[1]);
	vp_wait_state(&self->worker, VPI_WAITRESUME);
	CHECK(self->page->queued == 1);
}

static void expect_unblocked(struct vp *vp, struct vp *worker)
{
	expect_event(vp, VPI_UNBLOCKED, worker);
	CHECK(!vpi_resume(worker->attach.handle, vp->event.seq, 0, 0));
	CHECK(vp_await(worker) == 1);
}

/* Enough are active: nobody is woken, and an active VP fetches it. */
TEST_F(target, unblocked_waits_for_an_active_vp)
{
	int i;

	queue_unblocked(self);
	for (i = 0; i < 100; i++)
		sched_yield();
	EXPECT_EQ(VPI_REGISTERED, self->second.word->state);
	EXPECT_EQ(1, self->page->queued);
	vp_order(&self->first, fetch_order, 0);
	expect_unblocked(&self->first, &self->worker);
	EXPECT_EQ(VPI_REGISTERED, self->second.word->state);
}

/* The active VP registers: it gets the event itself. */
TEST_F(target, unblocked_at_the_next_register)
{
	queue_unblocked(self);
	vp_order(&self->first, register_order, 0);
	expect_unblocked(&self->first, &self->worker);
}

/* The active VP blocks: a registered one is woken, for the oldest event. */
TEST_F(target, unblocked_when_the_active_vp_blocks)
{
	int fds[2];

	ASSERT_EQ(0, pipe(fds));
	queue_unblocked(self);
	vp_order(&self->first, read_order, fds[0]);
	expect_unblocked(&self->second, &self->worker);
	vp_order(&self->second, fetch_order, 0);
	expect_event(&self->second, VPI_BLOCKED, &self->first);
}

TEST_F(target, unblocked_when_the_active_vp_exits)
{
	queue_unblocked(self);
	vp_stop(&self->first);
	expect_unblocked(&self->second, &self->worker);
}

TEST_F(target, unblocked_when_the_active_vp_detaches)
{
	queue_unblocked(self);
	EXPECT_EQ(0, vp_do(&self->first, detach_order, 0));
	expect_unblocked(&self->second, &self->worker);
}

static long wait_register_order(struct vp *vp, long n)
{
	return vpi_wait_register(n);
}

TEST_F(target, unblocked_when_the_active_vp_waits_for_registered_ones)
{
	queue_unblocked(self);
	vp_order(&self->first, wait_register_order, 2);
	expect_unblocked(&self->second, &self->worker);
}

/* Nobody is active when the block ends: then UNBLOCKED wakes at once. */
TEST_F(target, unblocked_below_the_target)
{
	vp_register(&self->second);
	vp_register(&self->first);
	vp_order(&self->worker, read_order, self->fds[0]);
	expect_event(&self->first, VPI_BLOCKED, &self->worker);
	vp_register(&self->first);
	EXPECT_EQ(0, self->page->active);
	put_byte(self->fds[1]);
	expect_unblocked(&self->first, &self->worker);
}

TEST_F(target, system_vps_do_not_count)
{
	struct vp system;

	vp_start_flags(&system, VPI_ATTACH_SYSTEM, BLOCK_MASKS);
	vp_register(&self->first);
	vp_register(&self->second);
	EXPECT_EQ(1, self->page->active);
	vp_order(&self->worker, read_order, self->fds[0]);
	expect_event(&self->second, VPI_BLOCKED, &self->worker);
}

VPI_TEST_MAIN
