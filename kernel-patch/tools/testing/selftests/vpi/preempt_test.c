// SPDX-License-Identifier: GPL-2.0
/*
 * PREEMPT: somebody who registers is told that a VP has lost its CPU. A plain
 * thread that never sleeps, and may use one CPU only, preempts the worker.
 */
#include "vpi_test.h"
#include "../kselftest_harness.h"

#define MASK	(BLOCK_MASKS | VPI_PREEMPT)

static uint32_t stop;

static long spin(void)
{
	while (!load(&stop))
		;
	return 0;
}

static void *hog_thread(void *unused)
{
	spin();
	return NULL;
}

FIXTURE(preempt) {
	struct vpi_kcb_page *page;
	struct vp worker;
	struct vp carrier;
	pthread_t hog;
	cpu_set_t cpu;
	int fds[2];
};

/* The first CPU that this process may use, for the worker and the hog. */
static cpu_set_t one_cpu(void)
{
	cpu_set_t set, one;
	int cpu = 0;

	CHECK(!sched_getaffinity(0, sizeof(set), &set));
	while (!CPU_ISSET(cpu, &set))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	return one;
}

FIXTURE_SETUP(preempt)
{
	self->page = controller_start(0);
	ASSERT_EQ(BLOCK_MASKS, vpi_mode(MASK, VPI_MODE_ALL));
	vp_start_flags(&self->worker, VPI_ATTACH_NOFAULT, MASK);
	vp_start_flags(&self->carrier, VPI_ATTACH_NOFAULT, MASK);
	ASSERT_EQ(0, pipe(self->fds));
	self->cpu = one_cpu();
	ASSERT_EQ(0, pthread_setaffinity_np(self->worker.thread,
					    sizeof(self->cpu), &self->cpu));
	ASSERT_EQ(0, pthread_create(&self->hog, NULL, hog_thread, NULL));
	ASSERT_EQ(0, pthread_setaffinity_np(self->hog, sizeof(self->cpu),
					    &self->cpu));
}

FIXTURE_TEARDOWN(preempt)
{
	store(&stop, 1);
}

/* Runs with upcalls until it is told to stop. */
static long spin_order(struct vp *vp, long cookie)
{
	vp->word->cookie = cookie;
	upcalls_on(vp);
	spin();
	upcalls_off(vp);
	return 0;
}

/* How often the worker has lost its CPU, as the scheduler counts. */
static unsigned long switches(const struct vp *vp)
{
	static const char key[] = "nonvoluntary_ctxt_switches:";
	char path[64], line[256];
	unsigned long n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/status", vp->tid);
	f = fopen(path, "r");
	CHECK(f);
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, key, sizeof(key) - 1))
			n = strtoul(line + sizeof(key) - 1, NULL, 10);
	fclose(f);
	return n;
}

static void wait_for_switches(const struct vp *vp, unsigned long n)
{
	unsigned long end = switches(vp) + n;

	WAIT_FOR(switches(vp) >= end);
}

static void stop_spinning(struct vp *worker)
{
	store(&stop, 1);
	CHECK(!vp_await(worker));
}

/* What was queued was given to somebody, or withdrawn, and nothing is left. */
static void expect_all_told(unsigned long told)
{
	struct vpi_status s = status_now();

	CHECK(s.preempts == told + s.preempt_cancels);
	CHECK(s.queued == 0);
}

/* It stays active, is not held, and goes on by itself. */
TEST_F(preempt, told)
{
	struct vp *worker = &self->worker, *carrier = &self->carrier;
	__u64 arg = 0;
	int i;

	vp_order(worker, spin_order, 0x1234);
	for (i = 0; i < 5; i++) {
		vp_order(carrier, register_order, 0);
		expect_event(carrier, VPI_PREEMPT, worker);
		EXPECT_EQ(0x1234, carrier->event.cookie);
		EXPECT_EQ(0, carrier->event.seq);
		EXPECT_LT(arg, carrier->event.arg);
		arg = carrier->event.arg;
		EXPECT_EQ(VPI_ACTIVE, worker->word->state);
		EXPECT_EQ(2, carrier->event.active);
	}
	stop_spinning(worker);
	expect_all_told(5);
	EXPECT_EQ(0, status_now().seen);
	EXPECT_EQ(0, status_now().blocks);
}

/* The mask that is usual has no PREEMPT. */
TEST_F(preempt, not_wanted_by_the_kcb)
{
	EXPECT_EQ(MASK, vpi_mode(BLOCK_MASKS, VPI_MODE_ALL));
	vp_register(&self->carrier);
	vp_order(&self->worker, spin_order, 0);
	wait_for_switches(&self->worker, 5);
	EXPECT_EQ(VPI_REGISTERED, self->carrier.word->state);
	EXPECT_EQ(0, status_now().preempts);
	stop_spinning(&self->worker);
}

static long spin_unwanted_order(struct vp *vp, long mask)
{
	CHECK(vpi_mode(mask, 0) == MASK);
	return spin_order(vp, 0);
}

TEST_F(preempt, not_wanted_by_the_vp)
{
	vp_register(&self->carrier);
	vp_order(&self->worker, spin_unwanted_order, BLOCK_MASKS);
	wait_for_switches(&self->worker, 5);
	EXPECT_EQ(VPI_REGISTERED, self->carrier.word->state);
	EXPECT_EQ(0, status_now().preempts);
	stop_spinning(&self->worker);
}

static long spin_quietly_order(struct vp *vp, long unused)
{
	return spin();
}

/* NOUPCALL: whoever carries events or has a lock of theirs is left alone. */
TEST_F(preempt, noupcall)
{
	vp_register(&self->carrier);
	vp_order(&self->worker, spin_quietly_order, 0);
	wait_for_switches(&self->worker, 5);
	EXPECT_EQ(VPI_REGISTERED, self->carrier.word->state);
	EXPECT_EQ(0, status_now().preempts);
	stop_spinning(&self->worker);
}

static long spin_system_order(struct vp *vp, long unused)
{
	vpi_detach(0);
	CHECK(!attach_self(&vp->attach, VPI_ATTACH_SYSTEM, MASK));
	vp->word = vpi_word(&vp->attach);
	return spin_order(vp, 0);
}

TEST_F(preempt, a_system_vp_is_nobody_s_business)
{
	vp_register(&self->carrier);
	vp_order(&self->worker, spin_system_order, 0);
	wait_for_switches(&self->worker, 5);
	EXPECT_EQ(VPI_REGISTERED, self->carrier.word->state);
	EXPECT_EQ(0, status_now().preempts);
	stop_spinning(&self->worker);
}

/* Nobody registers: at most the last one is queued, and none when it runs. */
TEST_F(preempt, coalesced_and_withdrawn)
{
	struct vp *worker = &self->worker;
	int i;

	vp_order(worker, spin_order, 0);
	WAIT_FOR(status_now().preempts >= 10);
	for (i = 0; i < 1000; i++) {
		struct vpi_status s = status_now();

		ASSERT_LE(s.queued, 1);
		ASSERT_EQ(s.preempts, s.preempt_cancels + s.queued);
	}
	stop_spinning(worker);
	expect_all_told(0);
	expect_no_event(&self->carrier);
}

/* A preempted VP still counts as active, so a target of as many is met. */
TEST(target)
{
	struct vp worker, carrier;
	pthread_t hog;
	cpu_set_t cpu = one_cpu();

	controller_start(1);
	ASSERT_EQ(BLOCK_MASKS, vpi_mode(MASK, VPI_MODE_ALL));
	vp_start_flags(&worker, VPI_ATTACH_NOFAULT, MASK);
	vp_start_flags(&carrier, VPI_ATTACH_NOFAULT, MASK);
	ASSERT_EQ(0, pthread_setaffinity_np(worker.thread, sizeof(cpu), &cpu));
	ASSERT_EQ(0, pthread_create(&hog, NULL, hog_thread, NULL));
	ASSERT_EQ(0, pthread_setaffinity_np(hog, sizeof(cpu), &cpu));
	vp_register(&carrier);
	vp_order(&worker, spin_order, 0);
	WAIT_FOR(status_now().preempts >= 5);
	EXPECT_EQ(VPI_REGISTERED, carrier.word->state);
	stop_spinning(&worker);
	expect_all_told(0);
}

static void exit_thread(int sig)
{
	syscall(SYS_exit, 0);
}

/* It ends while news of it waits: news of nobody. */
TEST_F(preempt, exit)
{
	struct sigaction action = { .sa_handler = exit_thread };
	int i;

	ASSERT_EQ(0, sigaction(SIGUSR1, &action, NULL));
	for (i = 0; i < scaled(20); i++) {
		__u64 before = status_now().preempts;

		vp_order(&self->worker, spin_order, 0);
		WAIT_FOR(status_now().preempts > before);
		ASSERT_EQ(0, pthread_kill(self->worker.thread, SIGUSR1));
		ASSERT_EQ(0, pthread_join(self->worker.thread, NULL));
		expect_all_told(0);
		vp_start_flags(&self->worker, VPI_ATTACH_NOFAULT, MASK);
		ASSERT_EQ(0, pthread_setaffinity_np(self->worker.thread,
						    sizeof(self->cpu),
						    &self->cpu));
	}
	expect_no_event(&self->carrier);
}

/* Computes until it was preempted, then blocks, and so on. */
static long spin_and_read_order(struct vp *vp, long fd)
{
	unsigned long i, n = scaled(100);
	char byte;

	upcalls_on(vp);
	for (i = 0; i < n; i++) {
		__u64 before = status_of(vp->attach.handle).preempts;

		while (status_now().preempts == before)
			;
		CHECK(read(fd, &byte, 1) == 1);
	}
	upcalls_off(vp);
	return 0;
}

/* One node serves preemptions and blocks: nothing is mixed up or lost. */
TEST_F(preempt, preemptions_and_blocks)
{
	struct vp *worker = &self->worker, *carrier = &self->carrier;
	unsigned long told = 0, unblocked = 0, n = scaled(100);
	struct vpi_status s;

	vp_order(worker, spin_and_read_order, self->fds[0]);
	while (unblocked < n) {
		ASSERT_EQ(0, vp_do(carrier, register_order, 0));
		ASSERT_EQ(worker->attach.handle, carrier->event.vp);
		switch (carrier->event.type) {
		case VPI_PREEMPT:
			told++;
			break;
		case VPI_BLOCKED:
			ASSERT_EQ(++unblocked, carrier->event.seq);
			put_byte(self->fds[1]);
			break;
		case VPI_UNBLOCKED:
			ASSERT_EQ(unblocked, carrier->event.seq);
			ASSERT_EQ(0, vpi_resume(carrier->event.vp,
						carrier->event.seq, 0, 0));
			break;
		default:
			die("event %#x", carrier->event.type);
		}
	}
	ASSERT_EQ(0, vp_do(carrier, register_order, 0));
	while (carrier->event.type == VPI_PREEMPT) {
		told++;
		ASSERT_EQ(0, vp_do(carrier, register_order, 0));
	}
	ASSERT_EQ(VPI_UNBLOCKED, carrier->event.type);
	ASSERT_EQ(0, vpi_resume(carrier->event.vp, carrier->event.seq, 0, 0));
	ASSERT_EQ(0, vp_await(worker));
	s = status_now();
	EXPECT_EQ(n, s.seen);
	EXPECT_EQ(0, s.cancels);
	EXPECT_EQ(n, s.unblocked);
	/* One may have come just before upcalls_off(). */
	while (!vp_do(carrier, fetch_order, 0))
		told++;
	expect_all_told(told);
}

VPI_TEST_MAIN
