// SPDX-License-Identifier: GPL-2.0
/* SIGNAL: a registered VP that wants it is told that a signal woke it up. */
#include "vpi_test.h"
#include "../kselftest_harness.h"

#define MASK	(BLOCK_MASKS | VPI_SIGNAL)

static uint32_t handled;

static void count_signal(int sig)
{
	__atomic_add_fetch(&handled, 1, __ATOMIC_SEQ_CST);
}

FIXTURE(sig) {
	struct vpi_kcb_page *page;
	struct vp carrier;
	struct vp worker;
	int fds[2];
};

FIXTURE_SETUP(sig)
{
	struct sigaction action = { .sa_handler = count_signal };

	ASSERT_EQ(0, sigaction(SIGUSR1, &action, NULL));
	self->page = controller_start(0);
	ASSERT_EQ(BLOCK_MASKS, vpi_mode(MASK, VPI_MODE_ALL));
	vp_start_flags(&self->carrier, VPI_ATTACH_NOFAULT, MASK);
	vp_start_flags(&self->worker, VPI_ATTACH_NOFAULT, MASK);
	ASSERT_EQ(0, pipe(self->fds));
}

FIXTURE_TEARDOWN(sig)
{
}

static void signal_vp(struct vp *vp)
{
	CHECK(!pthread_kill(vp->thread, SIGUSR1));
}

/* The VP's own handle, and nothing else: there is no block behind it. */
static void expect_signal(struct vp *vp)
{
	expect_event(vp, VPI_SIGNAL, vp);
	CHECK(!vp->event.seq && !vp->event.cookie && !vp->event.arg);
	CHECK(load(&vp->word->state) == VPI_ACTIVE);
	CHECK(load(&vp->word->flags) & VPI_NOUPCALL);
}

/* Registers, and tells how many handlers have run when the call returns. */
static long count_after_register_order(struct vp *vp, long unused)
{
	long ret = vpi_register(&vp->event, sizeof(vp->event), VPI_NO_DEADLINE,
				0);

	return ret ? ret : load(&handled);
}

TEST_F(sig, told_when_the_handler_has_run)
{
	struct vp *carrier = &self->carrier;
	int i;

	for (i = 1; i <= 3; i++) {
		vp_order(carrier, count_after_register_order, 0);
		vp_wait_state(carrier, VPI_REGISTERED);
		signal_vp(carrier);
		EXPECT_EQ(i, vp_await(carrier));
		EXPECT_EQ(VPI_SIGNAL, carrier->event.type);
		EXPECT_EQ(carrier->attach.handle, carrier->event.vp);
		EXPECT_EQ(0, carrier->event.registered);
		EXPECT_EQ(2, carrier->event.active);
		EXPECT_EQ(2, self->page->active);
	}
	expect_no_event(carrier);
}

/* Only the one that was woken hears of it. */
TEST_F(sig, nobody_else_is_told)
{
	vp_register(&self->carrier);
	vp_register(&self->worker);
	signal_vp(&self->carrier);
	expect_signal(&self->carrier);
	EXPECT_EQ(1, self->carrier.event.registered);
	EXPECT_EQ(VPI_REGISTERED, self->worker.word->state);
	expect_no_event(&self->carrier);
}

TEST_F(sig, a_system_vp_is_told)
{
	struct vp system;

	vp_start_flags(&system, VPI_ATTACH_SYSTEM, MASK);
	vp_register(&system);
	signal_vp(&system);
	expect_signal(&system);
}

static long mode_order(struct vp *vp, long mask)
{
	return vpi_mode(mask, 0);
}

static void expect_interrupted(struct vp *vp)
{
	vp_register(vp);
	signal_vp(vp);
	CHECK(vp_await(vp) == -1 && errno == EINTR);
	CHECK(vp->event.type == 0);
}

TEST_F(sig, not_wanted_by_the_vp)
{
	EXPECT_EQ(MASK, vp_do(&self->carrier, mode_order, BLOCK_MASKS));
	expect_interrupted(&self->carrier);
	expect_no_event(&self->carrier);
}

TEST_F(sig, not_wanted_by_the_kcb)
{
	EXPECT_EQ(MASK, vpi_mode(BLOCK_MASKS, VPI_MODE_ALL));
	expect_interrupted(&self->carrier);
	expect_no_event(&self->carrier);
}

/* A VP that is somewhere else is not told: its call says EINTR, as ever. */
TEST_F(sig, not_registered)
{
	vp_order(&self->worker, read_order, self->fds[0]);
	vp_wait_state(&self->worker, VPI_BLOCKED_STATE);
	signal_vp(&self->worker);
	EXPECT_EQ(-1, vp_await(&self->worker));
	EXPECT_EQ(EINTR, errno);
	EXPECT_EQ(1, load(&handled));
	expect_no_event(&self->worker);
}

TEST_F(sig, ignored)
{
	ASSERT_NE(SIG_ERR, signal(SIGUSR2, SIG_IGN));
	vp_register(&self->carrier);
	ASSERT_EQ(0, pthread_kill(self->carrier.thread, SIGUSR2));
	signal_vp(&self->carrier);
	expect_signal(&self->carrier);
	EXPECT_EQ(1, load(&handled));
}

static long resume_register_order(struct vp *vp, long handle)
{
	vp->event.vp = handle;
	vp->event.seq = VPI_SEQ_ANY;
	vp->event.arg = 5;
	return register_order(vp, VPI_REGISTER_RESUME);
}

/* The resume is done, whatever ends the wait. */
TEST_F(sig, after_a_resume)
{
	vp_register(&self->worker);
	vp_order(&self->carrier, resume_register_order,
		 self->worker.attach.handle);
	vp_wait_state(&self->carrier, VPI_REGISTERED);
	signal_vp(&self->carrier);
	expect_signal(&self->carrier);
	expect_event(&self->worker, VPI_RESUMED, &self->carrier);
	EXPECT_EQ(5, self->worker.event.arg);
}

static long register_into_order(struct vp *vp, long event)
{
	return vpi_register((struct vpi_event *)event, sizeof(vp->event),
			    VPI_NO_DEADLINE, 0);
}

/* It cannot be written down: the next call gets it, before anything else. */
TEST_F(sig, a_bad_address)
{
	struct vp *carrier = &self->carrier;
	void *event = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, event);
	vp_order(carrier, register_into_order, (long)event);
	vp_wait_state(carrier, VPI_REGISTERED);
	ASSERT_EQ(0, munmap(event, getpagesize()));
	signal_vp(carrier);
	EXPECT_EQ(-1, vp_await(carrier));
	EXPECT_EQ(EFAULT, errno);

	/* It is for nobody else. */
	expect_no_event(&self->worker);
	vp_order(&self->worker, read_order, self->fds[0]);
	vp_wait_state(&self->worker, VPI_BLOCKED_STATE);
	vp_order(carrier, register_order, 0);
	expect_signal(carrier);
	EXPECT_EQ(1, carrier->event.queued);
	vp_order(carrier, register_order, 0);
	expect_event(carrier, VPI_BLOCKED, &self->worker);
}

/* A stop ends the sleep, too, and has no handler: look around, and go on. */
TEST_F(sig, stop_and_continue)
{
	pid_t child = fork();
	int status;

	ASSERT_LE(0, child);
	if (!child) {
		controller_start(0);
		vpi_mode(MASK, VPI_MODE_ALL);
		vp_start_flags(&self->carrier, VPI_ATTACH_NOFAULT, MASK);
		vp_register(&self->carrier);
		raise(SIGSTOP);
		expect_signal(&self->carrier);
		_exit(0);
	}
	ASSERT_EQ(child, waitpid(child, &status, WUNTRACED));
	ASSERT_TRUE(WIFSTOPPED(status));
	ASSERT_EQ(0, kill(child, SIGCONT));
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/*
 * A resume and a signal at once: RESUMED arrives exactly once, and each handler
 * runs, whichever was first.
 */
TEST_F(sig, signals_lose_nothing)
{
	struct vp *carrier = &self->carrier;
	unsigned long i, spins, signals = 0, n = scaled(1000);

	for (i = 1; i <= n; i++) {
		vp_register(carrier);
		signal_vp(carrier);
		/* Now earlier, now later than the VP sees the signal. */
		for (spins = i % 100 * 200; spins; spins--)
			asm volatile("");
		ASSERT_EQ(0, vpi_resume(VPI_ANY_VP, VPI_SEQ_ANY, i, 0));
		ASSERT_EQ(0, vp_await(carrier));
		if (carrier->event.type == VPI_SIGNAL) {
			signals++;
			ASSERT_EQ(0, vp_do(carrier, register_order, 0));
		}
		ASSERT_EQ(VPI_RESUMED, carrier->event.type);
		ASSERT_EQ(i, carrier->event.arg);
		WAIT_FOR(load(&handled) == i);
	}
	TH_LOG("%lu of %lu signals were first", signals, n);
	expect_no_event(carrier);
}

VPI_TEST_MAIN
