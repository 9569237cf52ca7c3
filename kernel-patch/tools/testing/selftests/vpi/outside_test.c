// SPDX-License-Identifier: GPL-2.0
/*
 * What comes over a process from outside while its VPs are held, registered and
 * blocked: freezers, tracers, core dumps, limits, CPUs that go away. The process
 * is a child, which the test, a plain process, does that to.
 */
#include "vpi_test.h"
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include "../kselftest_harness.h"

/* In memory that both share. */
struct hostage {
	pid_t pid;
	pid_t held, registered;		/* threads */
	uint32_t ready;
	uint32_t go_on;
	uint32_t compute;
};

/* What the child does when it may go on: the held VP is held still. */
static void finish_as_ever(struct vp *worker, struct vp *carrier,
			   struct vp *registered, __u64 seq)
{
	int i;

	for (i = 0; i < 200; i++) {
		CHECK(!vp_idle(worker));
		CHECK(status_of(worker->attach.handle).vp_state == VPI_WAITRESUME);
		sched_yield();
	}
	CHECK(!vpi_resume(worker->attach.handle, seq, 0, 0));
	CHECK(vp_await(worker) == 1);
	CHECK(status_now().blocks == 1 && status_now().resumes == 1);
	CHECK(status_now().auto_resumes == 0 && status_now().released == 0);
	/* Whoever was registered still is, or knows that something was. */
	vpi_resume(registered->attach.handle, VPI_SEQ_ANY, 3, 0);
	if (vp_await(registered))
		CHECK(registered->err == EINTR);
	else
		CHECK(registered->event.type == VPI_RESUMED);
	expect_no_event(carrier);
}

static void be_hostage(struct hostage *h)
{
	struct vp worker, carrier, registered;
	int fds[2];
	__u64 seq;

	controller_start(0);
	CHECK(!pipe(fds));
	vp_start(&worker);
	vp_start(&carrier);
	vp_start(&registered);
	seq = hold(&worker, &carrier, fds);
	vp_register(&registered);
	h->held = worker.tid;
	h->registered = registered.tid;
	store(&h->ready, 1);
	WAIT_FOR(load(&h->go_on) || load(&h->compute));
	while (load(&h->compute))
		;
	finish_as_ever(&worker, &carrier, &registered, seq);
	exit(0);
}

static struct hostage *take_hostage(void)
{
	struct hostage *h = mmap(NULL, sizeof(*h), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	pid_t child;

	CHECK(h != MAP_FAILED);
	child = fork();
	CHECK(child >= 0);
	if (!child)
		be_hostage(h);
	h->pid = child;
	WAIT_FOR(load(&h->ready));
	return h;
}

static int wait_for_end(const struct hostage *h)
{
	int status;

	CHECK(waitpid(h->pid, &status, 0) == h->pid);
	return status;
}

static void let_go(struct hostage *h)
{
	store(&h->go_on, 1);
	CHECK(wait_for_end(h) == 0);
}

static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) > 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

/* --- Freezers ---------------------------------------------------------------- */

struct cgroup {
	char path[64];
};

static bool write_into(const struct cgroup *c, const char *file, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", c->path, file);
	return write_text(path, text);
}

static bool cgroup_enter(struct cgroup *c, pid_t pid)
{
	char text[16];

	snprintf(c->path, sizeof(c->path), "/sys/fs/cgroup/vpi.%d", pid);
	snprintf(text, sizeof(text), "%d", pid);
	return !mkdir(c->path, 0755) && write_into(c, "cgroup.procs", text);
}

static bool is_frozen(const struct cgroup *c)
{
	char path[128], text[256] = "";
	int fd;

	snprintf(path, sizeof(path), "%s/cgroup.events", c->path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	CHECK(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	return strstr(text, "frozen 1");
}

TEST(frozen_cgroup)
{
	struct hostage *h = take_hostage();
	struct cgroup c;
	int i;

	if (!cgroup_enter(&c, h->pid)) {
		kill(h->pid, SIGKILL);
		SKIP(return, "no cgroup v2, or no right to it");
	}
	for (i = 0; i < 5; i++) {
		ASSERT_TRUE(write_into(&c, "cgroup.freeze", "1"));
		WAIT_FOR(is_frozen(&c));
		ASSERT_TRUE(write_into(&c, "cgroup.freeze", "0"));
		WAIT_FOR(!is_frozen(&c));
	}
	let_go(h);
	rmdir(c.path);
}

TEST(killed_in_a_frozen_cgroup)
{
	struct hostage *h = take_hostage();
	struct cgroup c;

	if (!cgroup_enter(&c, h->pid)) {
		kill(h->pid, SIGKILL);
		SKIP(return, "no cgroup v2, or no right to it");
	}
	ASSERT_TRUE(write_into(&c, "cgroup.freeze", "1"));
	WAIT_FOR(is_frozen(&c));
	ASSERT_EQ(0, kill(h->pid, SIGKILL));
	EXPECT_EQ(SIGKILL, WTERMSIG(wait_for_end(h)));
	rmdir(c.path);
}

/* As on the way to suspend: all processes are frozen for five seconds. */
TEST(frozen_by_the_system)
{
	struct hostage *h;

	if (!write_text("/sys/power/pm_test", "freezer"))
		SKIP(return, "no CONFIG_PM_DEBUG, or no right to it");
	h = take_hostage();
	EXPECT_TRUE(write_text("/sys/power/state", "freeze"));
	write_text("/sys/power/pm_test", "none");
	let_go(h);
}

/* --- Tracers ------------------------------------------------------------------- */

TEST(traced_while_held)
{
	struct hostage *h = take_hostage();
	int i;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, ptrace(PTRACE_ATTACH, h->held, 0, 0));
		EXPECT_EQ(SIGSTOP, next_stop(h->held));
		ASSERT_EQ(0, ptrace(PTRACE_DETACH, h->held, 0, 0));
	}
	let_go(h);
}

TEST(seized_and_interrupted_while_held)
{
	struct hostage *h = take_hostage();

	ASSERT_EQ(0, ptrace(PTRACE_SEIZE, h->held, 0, 0));
	ASSERT_EQ(0, ptrace(PTRACE_INTERRUPT, h->held, 0, 0));
	EXPECT_EQ(SIGTRAP, next_stop(h->held));
	ASSERT_EQ(0, ptrace(PTRACE_CONT, h->held, 0, 0));
	ASSERT_EQ(0, ptrace(PTRACE_INTERRUPT, h->held, 0, 0));
	EXPECT_EQ(SIGTRAP, next_stop(h->held));
	ASSERT_EQ(0, ptrace(PTRACE_DETACH, h->held, 0, 0));
	let_go(h);
}

/* There is no step while it is held: the first comes when it is resumed. */
TEST(single_step_of_a_held_vp)
{
	struct hostage *h = take_hostage();
	int i, status;

	ASSERT_EQ(0, ptrace(PTRACE_ATTACH, h->held, 0, 0));
	EXPECT_EQ(SIGSTOP, next_stop(h->held));
	ASSERT_EQ(0, ptrace(PTRACE_SINGLESTEP, h->held, 0, 0));
	for (i = 0; i < 200; i++) {
		ASSERT_EQ(0, waitpid(h->held, &status, __WALL | WNOHANG));
		sched_yield();
	}
	store(&h->go_on, 1);
	EXPECT_EQ(SIGTRAP, next_stop(h->held));
	ASSERT_EQ(0, ptrace(PTRACE_DETACH, h->held, 0, 0));
	EXPECT_EQ(0, wait_for_end(h));
}

TEST(traced_while_registered)
{
	struct hostage *h = take_hostage();

	ASSERT_EQ(0, ptrace(PTRACE_ATTACH, h->registered, 0, 0));
	EXPECT_EQ(SIGSTOP, next_stop(h->registered));
	ASSERT_EQ(0, ptrace(PTRACE_DETACH, h->registered, 0, 0));
	let_go(h);
}

/* PTRACE_O_EXITKILL: the tracer dies, and with it the held VP's process. */
TEST(tracer_dies)
{
	struct hostage *h = take_hostage();
	pid_t tracer = fork();
	int status;

	if (!tracer) {
		CHECK(!ptrace(PTRACE_SEIZE, h->held, 0, PTRACE_O_EXITKILL));
		_exit(0);
	}
	ASSERT_EQ(tracer, waitpid(tracer, &status, 0));
	ASSERT_EQ(0, status);
	EXPECT_EQ(SIGKILL, WTERMSIG(wait_for_end(h)));
}

/* --- The end ------------------------------------------------------------------- */

TEST(core_dump)
{
	struct rlimit limit = { .rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY };
	struct hostage *h;
	int status;

	if (setrlimit(RLIMIT_CORE, &limit) ||
	    !write_text("/proc/sys/kernel/core_pattern", "/tmp/vpi.core"))
		SKIP(return, "no core dumps, or no right to them");
	h = take_hostage();
	ASSERT_EQ(0, kill(h->pid, SIGSEGV));
	status = wait_for_end(h);
	EXPECT_EQ(SIGSEGV, WTERMSIG(status));
	EXPECT_TRUE(WCOREDUMP(status));
	unlink("/tmp/vpi.core");
}

/* The controller uses it up, while others are held and registered. */
TEST(limit_of_cpu_time)
{
	struct rlimit limit = { .rlim_cur = 1, .rlim_max = 1 };
	struct hostage *h = take_hostage();

	int signal;

	ASSERT_EQ(0, prlimit(h->pid, RLIMIT_CPU, &limit, NULL));
	store(&h->compute, 1);
	signal = WTERMSIG(wait_for_end(h));
	EXPECT_TRUE(signal == SIGXCPU || signal == SIGKILL);
}

/* --- CPUs ------------------------------------------------------------------------ */

#define CPU1	"/sys/devices/system/cpu/cpu1/online"

static void move_to(pid_t tid, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	CHECK(!sched_setaffinity(tid, sizeof(set), &set));
}

TEST(cpu_goes_away)
{
	struct hostage *h;

	if (!write_text(CPU1, "1"))
		SKIP(return, "no second CPU that can be switched off");
	h = take_hostage();
	move_to(h->held, 1);
	move_to(h->registered, 1);
	ASSERT_TRUE(write_text(CPU1, "0"));
	let_go(h);
	EXPECT_TRUE(write_text(CPU1, "1"));
}

/* --- Shared address spaces ----------------------------------------------------- */

static int clone_fds[2];
static uint32_t clone_ran;

/* It sees the words of all VPs, and has none. */
static int in_the_same_memory(void *unused)
{
	char byte;

	CHECK(vpi_detach(0) == -1 && errno == EPERM);
	store(&clone_ran, 1);
	CHECK(read(clone_fds[0], &byte, 1) == 1);
	return 0;
}

static long clone_order(struct vp *vp, long unused)
{
	static char stack[65536] __attribute__((aligned(16)));
	long child;

	upcalls_on(vp);
	child = clone(in_the_same_memory, stack + sizeof(stack),
		      CLONE_VM | SIGCHLD, NULL);
	upcalls_off(vp);
	return child;
}

TEST(child_in_the_same_memory)
{
	struct vp worker, carrier;
	int status;
	pid_t child;

	controller_start(0);
	ASSERT_EQ(0, pipe(clone_fds));
	vp_start(&worker);
	vp_start(&carrier);
	vp_register(&carrier);
	child = vp_do(&worker, clone_order, 0);
	ASSERT_LT(0, child);
	WAIT_FOR(load(&clone_ran));
	put_byte(clone_fds[1]);
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_EQ(VPI_REGISTERED, carrier.word->state);
	EXPECT_EQ(0, status_now().seen);
}

VPI_TEST_MAIN
