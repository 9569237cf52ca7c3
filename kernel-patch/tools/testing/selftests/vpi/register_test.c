// SPDX-License-Identifier: GPL-2.0
/* The queue of events, who gets them, and how a register ends without one. */
#include "vpi_test.h"
#include "../kselftest_harness.h"

#define WORKERS 3

FIXTURE(reg) {
	struct vpi_kcb_page *page;
	struct vp worker[WORKERS];
	struct vp carrier[WORKERS];
	int fds[WORKERS][2];
};

FIXTURE_SETUP(reg)
{
	int i;

	self->page = controller_start(0);
	for (i = 0; i < WORKERS; i++) {
		vp_start(&self->worker[i]);
		vp_start(&self->carrier[i]);
		ASSERT_EQ(0, pipe(self->fds[i]));
	}
}

FIXTURE_TEARDOWN(reg)
{
}

/* Blocks, and nobody is there to be told. */
static void block_unseen(struct vp *worker, int fd)
{
	vp_order(worker, read_order, fd);
	vp_wait_state(worker, VPI_BLOCKED_STATE);
}

static void resume_any_registered(struct vp *vp, __u64 arg)
{
	CHECK(!vpi_resume(vp->attach.handle, VPI_SEQ_ANY, arg, 0));
	CHECK(!vp_await(vp));
	CHECK(vp->event.type == VPI_RESUMED && vp->event.arg == arg);
}

/* --- The queue -------------------------------------------------------------- */

TEST_F(reg, oldest_first)
{
	struct vp *carrier = &self->carrier[0];
	int i;

	for (i = 0; i < WORKERS; i++) {
		block_unseen(&self->worker[i], self->fds[i][0]);
		EXPECT_EQ(i + 1, self->page->queued);
	}
	for (i = 0; i < WORKERS; i++) {
		vp_order(carrier, register_order, 0);
		expect_event(carrier, VPI_BLOCKED, &self->worker[i]);
		EXPECT_EQ(WORKERS - 1 - i, carrier->event.queued);
		EXPECT_EQ(0, carrier->event.registered);
		EXPECT_EQ(WORKERS - 1 - i, self->page->queued);
	}
	expect_no_event(carrier);
}

TEST_F(reg, one_event_for_each)
{
	int i, j, seen = 0;

	for (i = 0; i < WORKERS; i++)
		vp_register(&self->carrier[i]);
	for (i = 0; i < WORKERS; i++)
		vp_order(&self->worker[i], read_order, self->fds[i][0]);
	for (i = 0; i < WORKERS; i++) {
		ASSERT_EQ(0, vp_await(&self->carrier[i]));
		ASSERT_EQ(VPI_BLOCKED, self->carrier[i].event.type);
		for (j = 0; j < WORKERS; j++)
			if (self->carrier[i].event.vp ==
			    self->worker[j].attach.handle)
				seen |= 1 << j;
	}
	EXPECT_EQ((1 << WORKERS) - 1, seen);
}

/* A cancelled event in the middle of the queue leaves the others in order. */
TEST_F(reg, cancelled_in_the_middle)
{
	struct vp *carrier = &self->carrier[0];
	int i;

	for (i = 0; i < WORKERS; i++)
		block_unseen(&self->worker[i], self->fds[i][0]);
	put_byte(self->fds[1][1]);
	EXPECT_EQ(1, vp_await(&self->worker[1]));
	EXPECT_EQ(2, self->page->queued);
	ASSERT_EQ(0, vp_do(carrier, fetch_order, 0));
	EXPECT_EQ(self->worker[0].attach.handle, carrier->event.vp);
	ASSERT_EQ(0, vp_do(carrier, fetch_order, 0));
	EXPECT_EQ(self->worker[2].attach.handle, carrier->event.vp);
	expect_no_event(carrier);
	EXPECT_EQ(1, status_now().cancels);
}

TEST_F(reg, counters)
{
	struct vp *carrier = self->carrier;
	struct vpi_status status;

	EXPECT_EQ(6, self->page->active);
	vp_register(&carrier[0]);
	vp_register(&carrier[1]);
	EXPECT_EQ(4, self->page->active);
	EXPECT_EQ(2, self->page->registered);
	EXPECT_EQ(VPI_REGISTERED, carrier[0].word->state);

	vp_order(&self->worker[0], read_order, self->fds[0][0]);
	expect_event(&carrier[1], VPI_BLOCKED, &self->worker[0]);
	EXPECT_EQ(1, carrier[1].event.registered);
	EXPECT_EQ(4, carrier[1].event.active);
	EXPECT_EQ(0, carrier[1].event.queued);
	EXPECT_EQ(4, self->page->active);
	EXPECT_EQ(1, self->page->registered);

	status = status_now();
	EXPECT_EQ(4, status.count[VPI_ACTIVE]);
	EXPECT_EQ(1, status.count[VPI_REGISTERED]);
	EXPECT_EQ(1, status.count[VPI_BLOCKED_STATE]);
	EXPECT_EQ(0, status.count[VPI_WAITRESUME]);
	EXPECT_EQ(0, status.count[VPI_WAITREGISTER]);
	EXPECT_EQ(1, status.system);
	EXPECT_EQ(1, status.blocks);
	EXPECT_EQ(1, status.seen);
}

/* --- Without an event ------------------------------------------------------- */

TEST_F(reg, fetch_does_not_sleep)
{
	struct vp *carrier = &self->carrier[0];

	carrier->event.type = 99;
	EXPECT_EQ(-1, vp_do(carrier, fetch_order, 0));
	EXPECT_EQ(ETIMEDOUT, errno);
	EXPECT_EQ(0, carrier->event.type);
	EXPECT_EQ(VPI_ACTIVE, carrier->word->state);
	EXPECT_EQ(0, self->page->registered);
}

static long past_order(struct vp *vp, long deadline)
{
	return vpi_register(&vp->event, sizeof(vp->event), deadline, 0);
}

TEST_F(reg, a_deadline_in_the_past)
{
	EXPECT_EQ(-1, vp_do(&self->carrier[0], past_order, 1));
	EXPECT_EQ(ETIMEDOUT, errno);
	EXPECT_EQ(-1, vp_do(&self->carrier[0], past_order, -1));
	EXPECT_EQ(ETIMEDOUT, errno);
	EXPECT_EQ(-1, vp_do(&self->carrier[0], past_order, LONG_MIN));
	EXPECT_EQ(ETIMEDOUT, errno);
}

TEST_F(reg, timeout)
{
	struct vp *carrier = &self->carrier[0];
	__s64 deadline = now_ns() + 50000000;

	carrier->event.type = 99;
	EXPECT_EQ(-1, vp_do(carrier, past_order, deadline));
	EXPECT_EQ(ETIMEDOUT, errno);
	EXPECT_LE(deadline, now_ns());
	EXPECT_EQ(0, carrier->event.type);
	EXPECT_EQ(VPI_ACTIVE, carrier->word->state);
	EXPECT_EQ(0, self->page->registered);
	EXPECT_EQ(6, self->page->active);
}

TEST_F(reg, an_event_before_the_deadline)
{
	struct vp *carrier = &self->carrier[0];

	vp_order(carrier, past_order, now_ns() + 3600 * 1000000000LL);
	vp_wait_state(carrier, VPI_REGISTERED);
	vp_order(&self->worker[0], read_order, self->fds[0][0]);
	expect_event(carrier, VPI_BLOCKED, &self->worker[0]);
}

static uint32_t handled;

static void count_signal(int sig)
{
	__atomic_add_fetch(&handled, 1, __ATOMIC_SEQ_CST);
}

static void catch_usr1(int flags)
{
	struct sigaction action = {
		.sa_handler = count_signal,
		.sa_flags = flags,
	};

	CHECK(!sigaction(SIGUSR1, &action, NULL));
}

/* Not restarted either: user space is to look at what the handler did. */
TEST_F(reg, signal)
{
	struct vp *carrier = &self->carrier[0];

	catch_usr1(SA_RESTART);
	vp_register(carrier);
	ASSERT_EQ(0, pthread_kill(carrier->thread, SIGUSR1));
	EXPECT_EQ(-1, vp_await(carrier));
	EXPECT_EQ(EINTR, errno);
	EXPECT_EQ(1, load(&handled));
	EXPECT_EQ(0, carrier->event.type);
	EXPECT_EQ(VPI_ACTIVE, carrier->word->state);
	EXPECT_EQ(0, self->page->registered);

	/* What happens now waits for the next register. */
	block_unseen(&self->worker[0], self->fds[0][0]);
	vp_order(carrier, register_order, 0);
	expect_event(carrier, VPI_BLOCKED, &self->worker[0]);
}

/* Signals without end, and events; each event arrives once. */
TEST_F(reg, signals_lose_nothing)
{
	struct vp *worker = &self->worker[0], *carrier = &self->carrier[0];
	unsigned long i, n = scaled(500);
	struct vpi_status status;

	catch_usr1(0);
	for (i = 0; i < n; i++) {
		vp_order(carrier, register_order, 0);
		vp_order(worker, read_order, self->fds[0][0]);
		ASSERT_EQ(0, pthread_kill(carrier->thread, SIGUSR1));
		while (vp_await(carrier)) {
			ASSERT_EQ(EINTR, errno);
			vp_order(carrier, register_order, 0);
		}
		ASSERT_EQ(VPI_BLOCKED, carrier->event.type);
		ASSERT_EQ(i + 1, carrier->event.seq);

		vp_order(carrier, register_order, 0);
		put_byte(self->fds[0][1]);
		ASSERT_EQ(0, pthread_kill(carrier->thread, SIGUSR1));
		while (vp_await(carrier)) {
			ASSERT_EQ(EINTR, errno);
			vp_order(carrier, register_order, 0);
		}
		ASSERT_EQ(VPI_UNBLOCKED, carrier->event.type);
		ASSERT_EQ(i + 1, carrier->event.seq);
		ASSERT_EQ(0, vpi_resume(worker->attach.handle, i + 1, 0, 0));
		ASSERT_EQ(1, vp_await(worker));
	}
	status = status_now();
	EXPECT_EQ(n, status.seen);
	EXPECT_EQ(n, status.unblocked);
	EXPECT_EQ(n, status.resumes);
	expect_no_event(carrier);
}

/* --- RESUMED ---------------------------------------------------------------- */

TEST_F(reg, resumed_with_an_argument)
{
	struct vp *carrier = &self->carrier[0];
	struct vpi_attach me;

	vp_register(carrier);
	resume_any_registered(carrier, 0xfedcba9876543210ULL);
	EXPECT_EQ(0, carrier->event.registered);
	EXPECT_EQ(6, carrier->event.active);

	/* It says who resumed. */
	ASSERT_EQ(0, vpi_detach(0));
	ASSERT_EQ(0, attach_self(&me, VPI_ATTACH_SYSTEM, 0));
	vp_register(carrier);
	resume_any_registered(carrier, 0);
	EXPECT_EQ(me.handle, carrier->event.vp);
}

/* RESUMED answers a call: no mask keeps it away. */
TEST_F(reg, resumed_is_not_masked)
{
	struct vp *carrier = &self->carrier[0];

	vpi_mode(0, VPI_MODE_ALL);
	vp_register(carrier);
	resume_any_registered(carrier, 4);
}

TEST_F(reg, resume_any_takes_the_last_registered)
{
	struct vp *carrier = self->carrier;
	int i;

	for (i = 0; i < WORKERS; i++)
		vp_register(&carrier[i]);
	for (i = WORKERS - 1; i >= 0; i--) {
		ASSERT_EQ(0, vpi_resume(VPI_ANY_VP, VPI_SEQ_ANY, i, 0));
		ASSERT_EQ(0, vp_await(&carrier[i]));
		EXPECT_EQ(VPI_RESUMED, carrier[i].event.type);
		EXPECT_EQ(i, carrier[i].event.arg);
		EXPECT_EQ(i, carrier[i].event.registered);
	}
}

/* Who waits for a time is left alone as long as somebody else is there. */
TEST_F(reg, no_deadline_goes_first)
{
	struct vp *carrier = self->carrier;

	vp_register(&carrier[0]);
	vp_order(&carrier[1], past_order, now_ns() + 3600 * 1000000000LL);
	vp_wait_state(&carrier[1], VPI_REGISTERED);

	vp_order(&self->worker[0], read_order, self->fds[0][0]);
	expect_event(&carrier[0], VPI_BLOCKED, &self->worker[0]);
	EXPECT_EQ(VPI_REGISTERED, carrier[1].word->state);

	vp_order(&self->worker[1], read_order, self->fds[1][0]);
	expect_event(&carrier[1], VPI_BLOCKED, &self->worker[1]);
}

/* Nobody is registered: the wake is not lost, and keeps its place. */
TEST_F(reg, resume_any_is_queued)
{
	struct vp *carrier = &self->carrier[0];

	ASSERT_EQ(0, vpi_resume(VPI_ANY_VP, VPI_SEQ_ANY, 1, 0));
	block_unseen(&self->worker[0], self->fds[0][0]);
	ASSERT_EQ(0, vpi_resume(VPI_ANY_VP, VPI_SEQ_ANY, 2, 0));
	EXPECT_EQ(3, self->page->queued);

	ASSERT_EQ(0, vp_do(carrier, register_order, 0));
	EXPECT_EQ(VPI_RESUMED, carrier->event.type);
	EXPECT_EQ(1, carrier->event.arg);
	EXPECT_EQ(2, carrier->event.queued);
	vp_order(carrier, register_order, 0);
	expect_event(carrier, VPI_BLOCKED, &self->worker[0]);
	ASSERT_EQ(0, vp_do(carrier, register_order, 0));
	EXPECT_EQ(VPI_RESUMED, carrier->event.type);
	EXPECT_EQ(2, carrier->event.arg);
	expect_no_event(carrier);
}

/* --- NOUPCALL --------------------------------------------------------------- */

static long fetch_flags_order(struct vp *vp, long unused)
{
	upcalls_on(vp);
	vpi_register(&vp->event, sizeof(vp->event), 0, 0);
	return vp->word->flags;
}

TEST_F(reg, sets_noupcall)
{
	struct vp *carrier = &self->carrier[0];

	EXPECT_EQ(VPI_NOUPCALL, vp_do(carrier, fetch_flags_order, 0));
	block_unseen(&self->worker[0], self->fds[0][0]);
	EXPECT_EQ(VPI_NOUPCALL, vp_do(carrier, fetch_flags_order, 0));
	EXPECT_EQ(VPI_BLOCKED, carrier->event.type);
}

/* --- wait_register ---------------------------------------------------------- */

static long wait_register_order(struct vp *vp, long n)
{
	return vpi_wait_register(n);
}

TEST_F(reg, wait_register)
{
	struct vp *waiter = &self->worker[0], *carrier = self->carrier;

	vp_register(&carrier[0]);
	EXPECT_EQ(0, vp_do(waiter, wait_register_order, 1));

	vp_order(waiter, wait_register_order, 3);
	vp_wait_state(waiter, VPI_WAITREGISTER);
	EXPECT_EQ(1, status_now().count[VPI_WAITREGISTER]);
	EXPECT_EQ(4, self->page->active);
	vp_register(&carrier[1]);
	EXPECT_EQ(VPI_WAITREGISTER, waiter->word->state);
	vp_order(&carrier[2], register_order, 0);
	EXPECT_EQ(0, vp_await(waiter));
	EXPECT_EQ(VPI_ACTIVE, waiter->word->state);
	EXPECT_EQ(0, status_now().count[VPI_WAITREGISTER]);
}

/* A system VP may wait for others, too. */
TEST_F(reg, wait_register_of_a_system_vp)
{
	vp_order(&self->carrier[0], register_order, 0);
	vp_order(&self->carrier[1], register_order, 0);
	EXPECT_EQ(0, vpi_wait_register(2));
	EXPECT_EQ(2, status_now().count[VPI_REGISTERED]);
}

TEST_F(reg, several_wait_for_different_numbers)
{
	struct vp *waiter = self->worker, *carrier = self->carrier;

	vp_order(&waiter[0], wait_register_order, 2);
	vp_order(&waiter[1], wait_register_order, 1);
	vp_order(&waiter[2], wait_register_order, 2);
	vp_wait_state(&waiter[0], VPI_WAITREGISTER);
	vp_wait_state(&waiter[1], VPI_WAITREGISTER);
	vp_wait_state(&waiter[2], VPI_WAITREGISTER);
	vp_register(&carrier[0]);
	EXPECT_EQ(0, vp_await(&waiter[1]));
	EXPECT_EQ(VPI_WAITREGISTER, waiter[0].word->state);
	EXPECT_EQ(VPI_WAITREGISTER, waiter[2].word->state);
	vp_register(&carrier[1]);
	EXPECT_EQ(0, vp_await(&waiter[0]));
	EXPECT_EQ(0, vp_await(&waiter[2]));
}

TEST_F(reg, wait_register_and_a_signal)
{
	struct vp *waiter = &self->worker[0];

	catch_usr1(SA_RESTART);
	vp_order(waiter, wait_register_order, 1);
	vp_wait_state(waiter, VPI_WAITREGISTER);
	ASSERT_EQ(0, pthread_kill(waiter->thread, SIGUSR1));
	EXPECT_EQ(-1, vp_await(waiter));
	EXPECT_EQ(EINTR, errno);
	EXPECT_EQ(1, load(&handled));
	EXPECT_EQ(VPI_ACTIVE, waiter->word->state);
}

/* --- System VPs ------------------------------------------------------------- */

/* It hears what is meant for it, and nothing else. */
TEST_F(reg, system_vp)
{
	struct vp vp;

	vp_start_flags(&vp, VPI_ATTACH_SYSTEM, BLOCK_MASKS);
	ASSERT_EQ(0, vpi_resume(VPI_ANY_VP, VPI_SEQ_ANY, 1, 0));
	block_unseen(&self->worker[0], self->fds[0][0]);
	EXPECT_EQ(-1, vp_do(&vp, fetch_order, 0));
	EXPECT_EQ(ETIMEDOUT, errno);

	vp_order(&vp, register_order, 0);
	WAIT_FOR(vp_asleep(&vp));
	EXPECT_EQ(0, self->page->registered);
	EXPECT_EQ(0, status_now().count[VPI_REGISTERED]);
	EXPECT_EQ(2, self->page->queued);

	ASSERT_EQ(0, vpi_resume(VPI_ANY_VP, VPI_SEQ_ANY, 2, 0));
	EXPECT_EQ(3, self->page->queued);
	WAIT_FOR(vp_asleep(&vp));
	resume_any_registered(&vp, 3);
	EXPECT_EQ(3, self->page->queued);

	EXPECT_EQ(-1, vp_do(&vp, past_order, now_ns() + 20000000));
	EXPECT_EQ(ETIMEDOUT, errno);
}

VPI_TEST_MAIN
