// SPDX-License-Identifier: GPL-2.0
/*
 * Races, made wide: a kernel with CONFIG_SCHEDVPI_DEBUG can be told to linger
 * at the points where one decision meets another. Whatever comes first, nobody
 * may be lost and the counters must balance.
 */
#include "vpi_test.h"
#include <libgen.h>
#include "../kselftest_harness.h"

#define DELAYS	"/sys/kernel/debug/vpi/delay/"

static const char * const points[] = {
	"block", "block_wake", "cancel", "hold", "hold_sleep", "resume",
	"register_sleep", "register_end", "preempt", "exit", "attach", "leave",
	"wait_end", "deliver", "put_back", "handler",
};

#define NR_POINTS	ARRAY_SIZE(points)

static bool set_delay(const char *point, unsigned int us)
{
	char path[128], text[16];
	int fd, n;

	snprintf(path, sizeof(path), DELAYS "%s", point);
	fd = open(path, O_WRONLY | O_TRUNC);
	if (fd < 0)
		return false;
	n = snprintf(text, sizeof(text), "%u", us);
	CHECK(write(fd, text, n) == n);
	close(fd);
	return true;
}

static void no_delays(void)
{
	size_t i;

	for (i = 0; i < NR_POINTS; i++)
		set_delay(points[i], 0);
}

FIXTURE(race) {
	struct vp worker;
	struct vp carrier;
	int fds[2];
};

/* The delays are the machine's, not the process's: gone also after a failure. */
FIXTURE_SETUP(race)
{
	no_delays();
	controller_start(0);
	vp_start(&self->worker);
	vp_start(&self->carrier);
	ASSERT_EQ(0, pipe(self->fds));
}

FIXTURE_TEARDOWN_PARENT(race)
{
	no_delays();
}

#define DELAY(point)							\
	do {								\
		if (!set_delay(point, 300))				\
			SKIP(return, "no " DELAYS point);		\
	} while (0)

static uint32_t handled;

static void count_signal(int sig)
{
	__atomic_add_fetch(&handled, 1, __ATOMIC_SEQ_CST);
}

static void exit_thread(int sig)
{
	syscall(SYS_exit, 0);
}

static void catch(int sig, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };

	CHECK(!sigaction(sig, &action, NULL));
}

/* The carrier takes and does what there is, until the worker is through. */
static void serve_until_idle(struct vp *worker, struct vp *carrier)
{
	bool idle;

	do {
		idle = vp_idle(worker);
		if (!vp_do(carrier, fetch_order, 0)) {
			idle = false;
			if (carrier->event.type == VPI_UNBLOCKED)
				CHECK(!vpi_resume(carrier->event.vp,
						  carrier->event.seq, 0, 0));
		}
	} while (!idle);
}

static void expect_balance(void)
{
	struct vpi_status s = status_now();

	CHECK(s.blocks == s.seen + s.cancels);
	CHECK(s.seen == s.unblocked + s.released + s.exits);
	CHECK(s.unblocked == s.resumes + s.auto_resumes);
	CHECK(s.queued == 0);
	CHECK(s.count[VPI_BLOCKED_STATE] == 0);
	CHECK(s.count[VPI_WAITRESUME] == 0);
}

/*
 * A resume that comes after the VP is held and before it sleeps: its own sleep
 * in the hold must not be taken for a block.
 */
static void resume_at_once(FIXTURE_DATA(race) *self, unsigned long n)
{
	struct vp *worker = &self->worker, *carrier = &self->carrier;
	struct vpi_status s;
	unsigned long i;

	for (i = 0; i < n; i++) {
		vp_register(carrier);
		vp_order(worker, read_order, self->fds[0]);
		expect_event(carrier, VPI_BLOCKED, worker);
		vp_order(carrier, register_order, 0);
		put_byte(self->fds[1]);
		expect_event(carrier, VPI_UNBLOCKED, worker);
		CHECK(!vpi_resume(worker->attach.handle, carrier->event.seq,
				  0, 0));
		CHECK(vp_await(worker) == 1);
	}
	s = status_now();
	CHECK(s.blocks == n && s.seen == n && s.cancels == 0);
	CHECK(s.unblocked == n && s.resumes == n && s.auto_resumes == 0);
	expect_balance();
}

TEST_F(race, resume_before_the_held_one_sleeps)
{
	DELAY("hold_sleep");
	resume_at_once(self, scaled(200));
}

TEST_F(race, held_one_runs_before_it_is_woken)
{
	DELAY("resume");
	resume_at_once(self, scaled(200));
}

TEST_F(race, woken_before_it_is_off_the_cpu)
{
	DELAY("block_wake");
	resume_at_once(self, scaled(200));
}

TEST_F(race, resume_before_the_hold)
{
	DELAY("hold");
	resume_at_once(self, scaled(200));
}

/* The data comes while the reader is on its way to sleep. */
static void write_at_once(FIXTURE_DATA(race) *self, unsigned long n)
{
	struct vp *worker = &self->worker, *carrier = &self->carrier;
	unsigned long i;

	for (i = 0; i < n; i++) {
		vp_order(worker, read_order, self->fds[0]);
		WAIT_FOR(load(&worker->begun) == load(&worker->given));
		put_byte(self->fds[1]);
		serve_until_idle(worker, carrier);
		CHECK(vp_await(worker) == 1);
	}
	expect_balance();
}

TEST_F(race, woken_before_the_block)
{
	DELAY("block");
	write_at_once(self, scaled(200));
}

TEST_F(race, cancel_and_fetch)
{
	DELAY("cancel");
	write_at_once(self, scaled(200));
}

TEST_F(race, cancel_and_fetch_at_the_same_time)
{
	struct vp *worker = &self->worker, *carrier = &self->carrier;
	unsigned long i, n = scaled(200);

	DELAY("cancel");
	for (i = 0; i < n; i++) {
		vp_order(worker, read_order, self->fds[0]);
		vp_wait_state(worker, VPI_BLOCKED_STATE);
		put_byte(self->fds[1]);
		serve_until_idle(worker, carrier);
		ASSERT_EQ(1, vp_await(worker));
	}
	EXPECT_EQ(n, status_now().blocks);
	expect_balance();
}

/* An event and a signal for a carrier that is about to sleep. */
static void signal_the_carrier(FIXTURE_DATA(race) *self, unsigned long n)
{
	struct vp *worker = &self->worker, *carrier = &self->carrier;
	unsigned long i;

	catch(SIGUSR1, count_signal);
	for (i = 1; i <= n; i++) {
		vp_order(carrier, register_order, 0);
		vp_order(worker, read_order, self->fds[0]);
		CHECK(!pthread_kill(carrier->thread, SIGUSR1));
		while (vp_await(carrier)) {
			CHECK(errno == EINTR);
			vp_order(carrier, register_order, 0);
		}
		CHECK(carrier->event.type == VPI_BLOCKED);
		CHECK(carrier->event.seq == i);
		put_byte(self->fds[1]);
		serve_until_idle(worker, carrier);
		CHECK(vp_await(worker) == 1);
	}
	expect_balance();
}

TEST_F(race, signal_and_assignment)
{
	DELAY("register_sleep");
	signal_the_carrier(self, scaled(200));
}

/* The event comes when the signal has ended the wait already: it goes first. */
TEST_F(race, signal_before_the_assignment)
{
	DELAY("register_end");
	signal_the_carrier(self, scaled(200));
}

TEST_F(race, signal_and_wake_of_the_carrier)
{
	DELAY("resume");
	signal_the_carrier(self, scaled(200));
}

static long soon_order(struct vp *vp, long ns)
{
	return vpi_register(&vp->event, sizeof(vp->event), now_ns() + ns, 0);
}

TEST_F(race, timeout_and_assignment)
{
	struct vp *worker = &self->worker, *carrier = &self->carrier;
	unsigned long i, n = scaled(200), timeouts = 0;

	DELAY("register_sleep");
	for (i = 1; i <= n; i++) {
		vp_order(carrier, soon_order, 350000 + i % 100 * 1000);
		vp_order(worker, read_order, self->fds[0]);
		while (vp_await(carrier)) {
			ASSERT_EQ(ETIMEDOUT, errno);
			timeouts++;
			vp_order(carrier, soon_order, 300000);
		}
		ASSERT_EQ(VPI_BLOCKED, carrier->event.type);
		ASSERT_EQ(i, carrier->event.seq);
		put_byte(self->fds[1]);
		serve_until_idle(worker, carrier);
		ASSERT_EQ(1, vp_await(worker));
	}
	TH_LOG("%lu timeouts", timeouts);
	expect_balance();
}

/* Two VPs fetch and register at once: one event, one receiver. */
TEST_F(race, register_and_block)
{
	struct vp *worker = &self->worker, *carrier = &self->carrier;
	unsigned long i, n = scaled(200);

	DELAY("register_sleep");
	for (i = 0; i < n; i++) {
		vp_order(carrier, register_order, 0);
		vp_order(worker, read_order, self->fds[0]);
		expect_event(carrier, VPI_BLOCKED, worker);
		put_byte(self->fds[1]);
		vp_order(carrier, register_order, 0);
		expect_event(carrier, VPI_UNBLOCKED, worker);
		ASSERT_EQ(0, vpi_resume(worker->attach.handle,
					carrier->event.seq, 0, 0));
		ASSERT_EQ(1, vp_await(worker));
	}
	EXPECT_EQ(n, status_now().seen);
	expect_balance();
}

/* A signal for a VP that is about to be held, or to sleep there. */
static void signal_the_held(FIXTURE_DATA(race) *self, unsigned long n)
{
	struct vp *worker = &self->worker, *carrier = &self->carrier;
	unsigned long i;

	catch(SIGUSR1, count_signal);
	for (i = 1; i <= n; i++) {
		vp_register(carrier);
		vp_order(worker, read_order, self->fds[0]);
		expect_event(carrier, VPI_BLOCKED, worker);
		vp_order(carrier, register_order, 0);
		put_byte(self->fds[1]);
		CHECK(!pthread_kill(worker->thread, SIGUSR1));
		expect_event(carrier, VPI_UNBLOCKED, worker);
		WAIT_FOR(load(&handled) == i);
		CHECK(!vp_idle(worker));
		CHECK(!vpi_resume(worker->attach.handle, carrier->event.seq,
				  0, 0));
		/* The byte was read before the signal, or is there still. */
		if (vp_await(worker) == -1)
			CHECK(vp_do(worker, read_order, self->fds[0]) == 1);
	}
	expect_balance();
}

TEST_F(race, signal_before_the_hold)
{
	DELAY("hold");
	signal_the_held(self, scaled(200));
}

TEST_F(race, signal_before_the_held_one_sleeps)
{
	DELAY("hold_sleep");
	signal_the_held(self, scaled(200));
}

/* A held VP's thread ends while it is resumed. */
TEST_F(race, exit_and_resume)
{
	struct vp *worker = &self->worker, *carrier = &self->carrier;
	unsigned long i, n = scaled(100);
	__u64 handle, seq;

	DELAY("exit");
	catch(SIGUSR1, exit_thread);
	for (i = 0; i < n; i++) {
		seq = hold(worker, carrier, self->fds);
		handle = worker->attach.handle;
		ASSERT_EQ(0, pthread_kill(worker->thread, SIGUSR1));
		while (!vpi_resume(handle, seq, 0, 0) || errno == ESTALE)
			;
		ASSERT_EQ(ESRCH, errno);
		ASSERT_EQ(0, pthread_join(worker->thread, NULL));
		vp_start(worker);
	}
	EXPECT_EQ(0, status_now().count[VPI_WAITRESUME]);
	EXPECT_EQ(2, status_now().count[VPI_ACTIVE]);
}

/* A blocked VP's thread ends while somebody is told that it blocked. */
TEST_F(race, exit_and_fetch)
{
	struct vp *worker = &self->worker, *carrier = &self->carrier;
	unsigned long i, n = scaled(100);
	struct vpi_status s;

	DELAY("exit");
	catch(SIGUSR1, exit_thread);
	for (i = 0; i < n; i++) {
		vp_order(worker, read_order, self->fds[0]);
		vp_wait_state(worker, VPI_BLOCKED_STATE);
		ASSERT_EQ(0, pthread_kill(worker->thread, SIGUSR1));
		if (i % 2)
			vp_do(carrier, fetch_order, 0);
		ASSERT_EQ(0, pthread_join(worker->thread, NULL));
		while (!vp_do(carrier, fetch_order, 0))
			;
		vp_start(worker);
	}
	s = status_now();
	EXPECT_EQ(n, s.blocks);
	EXPECT_EQ(s.blocks, s.seen + s.cancels);
	EXPECT_EQ(s.seen, s.unblocked + s.released + s.exits);
	EXPECT_EQ(0, s.queued);
}

/* --- The big ones, with each delay ------------------------------------------------ */

/* A program in this one's directory, its output only if it fails. */
static int run_program(const char *name, const char *n, const char *seed)
{
	char self[PATH_MAX], path[PATH_MAX + 32], out[] = "/tmp/vpi_XXXXXX";
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	int fd = mkstemp(out), wstatus;
	pid_t child;

	CHECK(len > 0);
	self[len] = 0;
	snprintf(path, sizeof(path), "%s/%s", dirname(self), name);
	child = fork();
	CHECK(child >= 0);
	if (!child) {
		if (fd >= 0) {
			dup2(fd, 1);
			dup2(fd, 2);
		}
		execl(path, name, "-n", n, "-s", seed, NULL);
		_exit(127);
	}
	CHECK(waitpid(child, &wstatus, 0) == child);
	if (wstatus)
		print_file(out);
	unlink(out);
	return wstatus;
}

/*
 * A signal that wakes who has set its state for the sleep, and does not sleep
 * yet: it will not, so there is no block. Where it comes later there is one; so
 * this looks for a try that has none.
 */
TEST_F(race, a_signal_before_the_sleep)
{
	struct vp *worker = &self->worker;
	unsigned int i;
	__u64 before;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "who sends it needs a CPU of its own");
	if (!set_delay("block", 10000))
		SKIP(return, "no " DELAYS "block");
	catch(SIGUSR1, count_signal);
	for (i = 0; i < 100; i++) {
		before = status_now().blocks;
		vp_order(worker, read_order, self->fds[0]);
		/* No nap: that would linger at the same point. */
		while (!vp_asleep(worker))
			sched_yield();
		ASSERT_EQ(0, pthread_kill(worker->thread, SIGUSR1));
		ASSERT_EQ(-1, vp_await(worker));
		ASSERT_EQ(EINTR, worker->err);
		expect_balance();
		if (status_now().blocks == before)
			return;
	}
	die("each of %u sleeps that a signal has ended was a block", i);
}

FIXTURE(stress) {
};

FIXTURE_SETUP(stress)
{
	no_delays();
}

FIXTURE_TEARDOWN_PARENT(stress)
{
	no_delays();
}

FIXTURE_VARIANT(stress) {
	const char *point;
};

FIXTURE_VARIANT_ADD(stress, block) { .point = "block" };
FIXTURE_VARIANT_ADD(stress, block_wake) { .point = "block_wake" };
FIXTURE_VARIANT_ADD(stress, cancel) { .point = "cancel" };
FIXTURE_VARIANT_ADD(stress, hold) { .point = "hold" };
FIXTURE_VARIANT_ADD(stress, hold_sleep) { .point = "hold_sleep" };
FIXTURE_VARIANT_ADD(stress, resume) { .point = "resume" };
FIXTURE_VARIANT_ADD(stress, register_sleep) { .point = "register_sleep" };
FIXTURE_VARIANT_ADD(stress, register_end) { .point = "register_end" };
FIXTURE_VARIANT_ADD(stress, preempt) { .point = "preempt" };
FIXTURE_VARIANT_ADD(stress, exit) { .point = "exit" };
FIXTURE_VARIANT_ADD(stress, deliver) { .point = "deliver" };
FIXTURE_VARIANT_ADD(stress, handler) { .point = "handler" };

static const char *scaled_text(unsigned long n)
{
	static char text[32];

	snprintf(text, sizeof(text), "%lu", scaled(n));
	return text;
}

/*
 * Both programs fail by themselves when nothing goes on. How long they take
 * while something does is the machine's business, so this is no limit to that.
 */
#define STRESS_SECONDS	3600

TEST_F_TIMEOUT(stress, hold_stress, STRESS_SECONDS)
{
	if (!set_delay(variant->point, 100))
		SKIP(return, "no " DELAYS);
	EXPECT_EQ(0, run_program("hold_stress", scaled_text(2000), "5"));
}

TEST_F_TIMEOUT(stress, vpi_stress, STRESS_SECONDS)
{
	if (!set_delay(variant->point, 100))
		SKIP(return, "no " DELAYS);
	EXPECT_EQ(0, run_program("vpi_stress", scaled_text(2000), "5"));
}

VPI_TEST_MAIN
