// SPDX-License-Identifier: GPL-2.0
/*
 * If no VP is active and none is registered, nobody could resume those that are
 * held: so the kernel lets one go. (The controller could, but as a system VP it
 * does not count, and must not.)
 */
#include "vpi_test.h"
#include "../kselftest_harness.h"

FIXTURE(live) {
	struct vp worker;
	struct vp carrier;
	int fds[2];
};

FIXTURE_SETUP(live)
{
	controller_start(0);
	vp_start(&self->worker);
	vp_start(&self->carrier);
	ASSERT_EQ(0, pipe(self->fds));
}

FIXTURE_TEARDOWN(live)
{
}

static void expect_auto_resumed(struct vp *worker)
{
	struct vpi_status status;

	CHECK(vp_await(worker) == 1);
	CHECK(load(&worker->word->state) == VPI_ACTIVE);
	status = status_now();
	CHECK(status.seen == 1);
	CHECK(status.unblocked == 1);
	CHECK(status.auto_resumes == 1);
	CHECK(status.resumes == 0);
}

TEST_F(live, the_last_active_vp_exits)
{
	hold(&self->worker, &self->carrier, self->fds);
	vp_stop(&self->carrier);
	expect_auto_resumed(&self->worker);
}

TEST_F(live, the_last_active_vp_detaches)
{
	hold(&self->worker, &self->carrier, self->fds);
	EXPECT_EQ(0, vp_do(&self->carrier, detach_order, 0));
	expect_auto_resumed(&self->worker);
}

TEST_F(live, the_last_active_vp_blocks)
{
	int fds[2];

	ASSERT_EQ(0, pipe(fds));
	hold(&self->worker, &self->carrier, self->fds);
	vp_order(&self->carrier, read_order, fds[0]);
	CHECK(vp_await(&self->worker) == 1);
	EXPECT_EQ(1, status_now().auto_resumes);
	put_byte(fds[1]);
	EXPECT_EQ(1, vp_await(&self->carrier));
}

static long wait_register_order(struct vp *vp, long n)
{
	return vpi_wait_register(n);
}

TEST_F(live, the_last_active_vp_waits_for_registered_ones)
{
	hold(&self->worker, &self->carrier, self->fds);
	vp_order(&self->carrier, wait_register_order, 1);
	expect_auto_resumed(&self->worker);
	vp_order(&self->worker, register_order, 0);
	EXPECT_EQ(0, vp_await(&self->carrier));
}

static void count_signal(int sig)
{
}

/* The last registered VP goes away by a signal that ends it. */
static void exit_thread(int sig)
{
	syscall(SYS_exit, 0);
}

static void catch(int sig, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };

	CHECK(!sigaction(sig, &action, NULL));
}

TEST_F(live, the_last_registered_vp_is_gone)
{
	struct vp third;
	int fds[2];

	/* @worker held, @third blocked and seen, @carrier registered. */
	catch(SIGUSR1, exit_thread);
	ASSERT_EQ(0, pipe(fds));
	vp_start(&third);
	hold(&self->worker, &self->carrier, self->fds);
	vp_register(&self->carrier);
	vp_order(&third, read_order, fds[0]);
	expect_event(&self->carrier, VPI_BLOCKED, &third);
	vp_register(&self->carrier);
	EXPECT_EQ(1, status_now().count[VPI_REGISTERED]);
	EXPECT_EQ(0, status_now().count[VPI_ACTIVE]);

	ASSERT_EQ(0, pthread_kill(self->carrier.thread, SIGUSR1));
	EXPECT_EQ(1, vp_await(&self->worker));
	EXPECT_EQ(1, status_now().auto_resumes);
}

/* The last registered VP gives up: it is active then, and nobody is let go. */
TEST_F(live, an_interrupted_register_is_active)
{
	int i;

	catch(SIGUSR1, count_signal);
	hold(&self->worker, &self->carrier, self->fds);
	vp_register(&self->carrier);
	ASSERT_EQ(0, pthread_kill(self->carrier.thread, SIGUSR1));
	EXPECT_EQ(-1, vp_await(&self->carrier));
	for (i = 0; i < 100; i++)
		sched_yield();
	EXPECT_EQ(VPI_WAITRESUME, self->worker.word->state);
	EXPECT_EQ(0, status_now().auto_resumes);
}

/* Nobody is left when the block ends: it is not held at all. */
TEST_F(live, never_held)
{
	struct vpi_status status;

	vp_register(&self->carrier);
	vp_order(&self->worker, read_order, self->fds[0]);
	expect_event(&self->carrier, VPI_BLOCKED, &self->worker);
	vp_stop(&self->carrier);
	put_byte(self->fds[1]);
	EXPECT_EQ(1, vp_await(&self->worker));
	status = status_now();
	EXPECT_EQ(1, status.seen);
	EXPECT_EQ(0, status.unblocked);
	EXPECT_EQ(1, status.released);
	EXPECT_EQ(0, status.queued);
}

/* One is let go, not all: it can resume the others. */
TEST_F(live, one_of_several)
{
	struct vp other;
	int fds[2];

	ASSERT_EQ(0, pipe(fds));
	vp_start(&other);
	hold(&self->worker, &self->carrier, self->fds);
	hold(&other, &self->carrier, fds);
	vp_stop(&self->carrier);
	WAIT_FOR(vp_idle(&self->worker) || vp_idle(&other));
	EXPECT_EQ(1, status_now().count[VPI_WAITRESUME]);
	EXPECT_EQ(1, status_now().count[VPI_ACTIVE]);
	EXPECT_EQ(1, status_now().auto_resumes);

	vp_stop(vp_idle(&self->worker) ? &self->worker : &other);
	WAIT_FOR(status_now().count[VPI_WAITRESUME] == 0);
	EXPECT_EQ(2, status_now().auto_resumes);
}

/* A VP that is let go with its event unfetched can block again, and is told. */
TEST_F(live, block_again_with_an_event_unfetched)
{
	struct vp late;
	__u64 seq;

	vp_register(&self->carrier);
	vp_order(&self->worker, read_order, self->fds[0]);
	expect_event(&self->carrier, VPI_BLOCKED, &self->worker);
	seq = self->carrier.event.seq;
	put_byte(self->fds[1]);
	vp_wait_state(&self->worker, VPI_WAITRESUME);
	vp_stop(&self->carrier);		/* UNBLOCKED is still queued */
	expect_auto_resumed(&self->worker);

	vp_order(&self->worker, read_order, self->fds[0]);
	vp_wait_state(&self->worker, VPI_BLOCKED_STATE);
	vp_start(&late);
	do {
		vp_order(&late, register_order, 0);
		ASSERT_EQ(0, vp_await(&late));
	} while (late.event.type == VPI_UNBLOCKED && late.event.seq == seq);
	EXPECT_EQ(VPI_BLOCKED, late.event.type);
	EXPECT_EQ(seq + 1, late.event.seq);
	put_byte(self->fds[1]);
	vp_order(&late, register_order, 0);
	expect_event(&late, VPI_UNBLOCKED, &self->worker);
	EXPECT_EQ(seq + 1, late.event.seq);
	ASSERT_EQ(0, vpi_resume(self->worker.attach.handle, seq + 1, 0, 0));
	EXPECT_EQ(1, vp_await(&self->worker));
}

VPI_TEST_MAIN
