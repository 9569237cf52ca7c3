// SPDX-License-Identifier: GPL-2.0
/* UNBLOCKED, the hold, and what ends it. */
#include "vpi_test.h"
#include "../kselftest_harness.h"

FIXTURE(hold) {
	struct vpi_kcb_page *page;
	struct vp worker;
	struct vp carrier;
	int fds[2];
};

FIXTURE_SETUP(hold)
{
	self->page = controller_start(0);
	vp_start(&self->worker);
	vp_start(&self->carrier);
	ASSERT_EQ(0, pipe(self->fds));
}

FIXTURE_TEARDOWN(hold)
{
}

static uint32_t passed;

static long read_and_say_order(struct vp *vp, long fd)
{
	char byte;
	long ret;

	upcalls_on(vp);
	ret = read(fd, &byte, 1);
	store(&passed, 1);
	upcalls_off(vp);
	return ret;
}

TEST_F(hold, really_holds)
{
	unsigned long i;
	__u64 seq;

	vp_register(&self->carrier);
	vp_order(&self->worker, read_and_say_order, self->fds[0]);
	expect_event(&self->carrier, VPI_BLOCKED, &self->worker);
	seq = self->carrier.event.seq;
	vp_register(&self->carrier);
	put_byte(self->fds[1]);
	expect_event(&self->carrier, VPI_UNBLOCKED, &self->worker);

	for (i = 0; i < scaled(1000); i++) {
		ASSERT_EQ(0, load(&passed));
		ASSERT_EQ(VPI_WAITRESUME, load(&self->worker.word->state));
		sched_yield();
	}
	EXPECT_EQ(VPI_WAITRESUME,
		  status_of(self->worker.attach.handle).vp_state);
	EXPECT_EQ(1, status_now().count[VPI_WAITRESUME]);
	ASSERT_EQ(0, vpi_resume(self->worker.attach.handle, seq, 0, 0));
	EXPECT_EQ(1, vp_await(&self->worker));
	EXPECT_EQ(1, load(&passed));
	EXPECT_EQ(VPI_ACTIVE, self->worker.word->state);
}

TEST_F(hold, resume_whichever_block)
{
	hold(&self->worker, &self->carrier, self->fds);
	ASSERT_EQ(0, vpi_resume(self->worker.attach.handle, VPI_SEQ_ANY, 0, 0));
	EXPECT_EQ(1, vp_await(&self->worker));
	EXPECT_EQ(1, status_now().resumes);
}

/* UNBLOCKED not fetched yet: the hold stands, and a resume ends it as well. */
TEST_F(hold, resumed_before_its_event_is_fetched)
{
	__u64 handle = self->worker.attach.handle;
	struct vpi_status status;

	vp_register(&self->carrier);
	vp_order(&self->worker, read_order, self->fds[0]);
	expect_event(&self->carrier, VPI_BLOCKED, &self->worker);
	put_byte(self->fds[1]);
	vp_wait_state(&self->worker, VPI_WAITRESUME);
	EXPECT_EQ(1, self->page->queued);
	ASSERT_EQ(0, vpi_resume(handle, self->carrier.event.seq, 0, 0));
	EXPECT_EQ(1, vp_await(&self->worker));
	status = status_now();
	EXPECT_EQ(1, status.seen);
	EXPECT_EQ(1, status.unblocked);
	EXPECT_EQ(1, status.resumes);
	EXPECT_EQ(VPI_ACTIVE, self->worker.word->state);
}

static void reader(struct vp *worker, struct vp *carrier, int fds[2],
		   void (*change)(struct vp *))
{
	vp_register(carrier);
	vp_order(worker, read_order, fds[0]);
	expect_event(carrier, VPI_BLOCKED, worker);
	change(worker);
	vp_register(carrier);
	put_byte(fds[1]);
	CHECK(vp_await(worker) == 1);
	CHECK(load(&carrier->word->state) == VPI_REGISTERED);
}

/* It goes on by itself, as nobody wants to hear of it. */
static void expect_released(struct __test_metadata *_metadata)
{
	struct vpi_status status = status_now();

	EXPECT_EQ(1, status.blocks);
	EXPECT_EQ(1, status.seen);
	EXPECT_EQ(0, status.unblocked);
	EXPECT_EQ(1, status.released);
	EXPECT_EQ(0, status.queued);
}

static void change_nothing(struct vp *unused)
{
}

TEST_F(hold, unblocked_masked_by_the_vp)
{
	struct vp worker;

	vp_start_flags(&worker, VPI_ATTACH_NOFAULT, VPI_BLOCKED);
	reader(&worker, &self->carrier, self->fds, change_nothing);
	expect_released(_metadata);
}

TEST_F(hold, unblocked_masked_by_the_kcb)
{
	vpi_mode(VPI_BLOCKED, VPI_MODE_ALL);
	reader(&self->worker, &self->carrier, self->fds, change_nothing);
	expect_released(_metadata);
}

static void mask_unblocked(struct vp *unused)
{
	vpi_mode(VPI_BLOCKED, VPI_MODE_ALL);
}

/* The flag counts at the moment of the return. */
TEST_F(hold, noupcall_set_meanwhile)
{
	reader(&self->worker, &self->carrier, self->fds, upcalls_off);
	expect_released(_metadata);
}

/* A VP that is held stays so when the mask changes; it can be resumed. */
TEST_F(hold, mode_change_while_held)
{
	__u64 seq = hold(&self->worker, &self->carrier, self->fds);
	int i;

	EXPECT_EQ(BLOCK_MASKS, vpi_mode(0, VPI_MODE_ALL));
	for (i = 0; i < 100; i++)
		sched_yield();
	EXPECT_EQ(VPI_WAITRESUME, self->worker.word->state);
	ASSERT_EQ(0, vpi_resume(self->worker.attach.handle, seq, 0, 0));
	EXPECT_EQ(1, vp_await(&self->worker));

	/* Later blocks are silent. */
	vp_order(&self->worker, read_order, self->fds[0]);
	WAIT_FOR(vp_asleep(&self->worker));
	EXPECT_EQ(VPI_ACTIVE, self->worker.word->state);
	put_byte(self->fds[1]);
	EXPECT_EQ(1, vp_await(&self->worker));
	EXPECT_EQ(1, status_now().blocks);
}

/* A change in the middle of a block: no VP is lost, whatever is decided. */
TEST_F(hold, mode_change_while_blocked)
{
	struct vpi_status status;

	vp_register(&self->carrier);
	vp_order(&self->worker, read_order, self->fds[0]);
	expect_event(&self->carrier, VPI_BLOCKED, &self->worker);
	mask_unblocked(NULL);
	put_byte(self->fds[1]);
	WAIT_FOR(vp_idle(&self->worker) ||
		 self->worker.word->state == VPI_WAITRESUME);
	if (!vp_idle(&self->worker)) {
		ASSERT_EQ(0, vpi_resume(self->worker.attach.handle,
					self->carrier.event.seq, 0, 0));
	}
	EXPECT_EQ(1, vp_await(&self->worker));
	status = status_now();
	EXPECT_EQ(1, status.seen);
	EXPECT_EQ(1, status.unblocked + status.released);
}

/* --- Resume and register in one call --------------------------------------- */

static long swap_order(struct vp *vp, long unused)
{
	return vpi_register(&vp->event, sizeof(vp->event), VPI_NO_DEADLINE,
			    VPI_REGISTER_RESUME);
}

TEST_F(hold, resume_and_register)
{
	__u64 seq = hold(&self->worker, &self->carrier, self->fds);

	self->carrier.event.vp = self->worker.attach.handle;
	self->carrier.event.seq = seq;
	vp_order(&self->carrier, swap_order, 0);
	EXPECT_EQ(1, vp_await(&self->worker));
	vp_wait_state(&self->carrier, VPI_REGISTERED);
	EXPECT_EQ(1, status_now().resumes);

	ASSERT_EQ(0, vpi_resume(self->carrier.attach.handle, VPI_SEQ_ANY, 3,
				0));
	ASSERT_EQ(0, vp_await(&self->carrier));
	EXPECT_EQ(VPI_RESUMED, self->carrier.event.type);
	EXPECT_EQ(3, self->carrier.event.arg);
}

/* The next event comes with the same call, at once. */
TEST_F(hold, resume_and_fetch)
{
	__u64 seq = hold(&self->worker, &self->carrier, self->fds);

	ASSERT_EQ(0, vpi_resume(VPI_ANY_VP, VPI_SEQ_ANY, 9, 0));
	self->carrier.event.vp = self->worker.attach.handle;
	self->carrier.event.seq = seq;
	EXPECT_EQ(0, vp_do(&self->carrier, swap_order, 0));
	EXPECT_EQ(VPI_RESUMED, self->carrier.event.type);
	EXPECT_EQ(9, self->carrier.event.arg);
	EXPECT_EQ(1, vp_await(&self->worker));
}

static long swap_fetch_order(struct vp *vp, long unused)
{
	return vpi_register(&vp->event, sizeof(vp->event), 0,
			    VPI_REGISTER_RESUME);
}

/* The timeout is register's; the resume has been done. */
TEST_F(hold, resume_and_time_out)
{
	__u64 seq = hold(&self->worker, &self->carrier, self->fds);

	self->carrier.event.vp = self->worker.attach.handle;
	self->carrier.event.seq = seq;
	EXPECT_EQ(-1, vp_do(&self->carrier, swap_fetch_order, 0));
	EXPECT_EQ(ETIMEDOUT, errno);
	EXPECT_EQ(0, self->carrier.event.type);
	EXPECT_EQ(1, vp_await(&self->worker));
}

struct turn {
	unsigned long left;	/* swaps still to do, by both */
	unsigned long together;	/* ... that found the partner's CPU */
	unsigned int cpu;	/* where the last one ran */
	__u64 partner[2];
};

static struct turn turn;

/* Resumes the partner and registers, until the turns are used up. */
static long ping_pong_order(struct vp *vp, long side)
{
	unsigned int cpu;

	for (;;) {
		getcpu(&cpu, NULL);
		turn.together += cpu == turn.cpu;
		turn.cpu = cpu;
		if (!turn.left)
			break;
		turn.left--;
		vp->event = (struct vpi_event) { .vp = turn.partner[side] };
		CHECK(!swap_order(vp, 0));
		CHECK(vp->event.type == VPI_RESUMED);
		CHECK(vp->event.vp == turn.partner[side]);
	}
	return vpi_resume(turn.partner[side], VPI_SEQ_ANY, 0, 0);
}

static long pong_order(struct vp *vp, long side)
{
	CHECK(!register_order(vp, 0));
	return ping_pong_order(vp, side);
}

/* The CPU is handed over: two VPs that swap share one, of several. */
TEST_F(hold, swap_stays_on_one_cpu)
{
	unsigned long n = scaled(2000);

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "needs two CPUs");
	turn = (struct turn) {
		.left = n,
		.partner = { self->carrier.attach.handle,
			     self->worker.attach.handle },
	};
	vp_order(&self->carrier, pong_order, 1);
	vp_wait_state(&self->carrier, VPI_REGISTERED);
	vp_order(&self->worker, ping_pong_order, 0);
	WAIT_FOR(vp_idle(&self->worker) || vp_idle(&self->carrier));
	EXPECT_EQ(0, turn.left);
	TH_LOG("%lu of %lu swaps on the same CPU", turn.together, n);
	EXPECT_GE(turn.together, n - n / 10);
}

VPI_TEST_MAIN
