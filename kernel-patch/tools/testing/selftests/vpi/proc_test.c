// SPDX-License-Identifier: GPL-2.0
/* What can be seen from outside: /proc, tracepoints, slab objects. */
#include "vpi_test.h"
#include <fcntl.h>
#include "../kselftest_harness.h"
#include "vpi_slab.h"

#define TRACING	"/sys/kernel/tracing/"

FIXTURE(proc) {
	struct vp worker;
	struct vp carrier;
	int fds[2];
};

FIXTURE_SETUP(proc)
{
	controller_start(0);
	vp_start(&self->worker);
	vp_start(&self->carrier);
	ASSERT_EQ(0, pipe(self->fds));
}

FIXTURE_TEARDOWN(proc)
{
}

/* The whole file; the caller has it until the next call. */
static const char *slurp(const char *path)
{
	static char text[1 << 16];
	size_t n = 0;
	ssize_t got;
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		return NULL;
	do {
		got = read(fd, text + n, sizeof(text) - 1 - n);
		n += got > 0 ? got : 0;
	} while (got > 0);
	close(fd);
	text[n] = 0;
	return got ? NULL : text;
}

static const char *vpi_of(pid_t tid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%d/vpi", tid);
	return slurp(path);
}

/* The number that follows @name as a word, anywhere in @text. */
static unsigned long long number(const char *text, const char *name)
{
	size_t n = strlen(name);
	const char *p = text;

	while ((p = strstr(p, name))) {
		if ((p == text || p[-1] == ' ' || p[-1] == '\n') && p[n] == ' ')
			return strtoull(p + n, NULL, 0);
		p += n;
	}
	die("no %s in: %s", name, text);
}

/* --- /proc ---------------------------------------------------------------------- */

TEST_F(proc, process)
{
	struct vpi_status status;
	const char *text;

	hold(&self->worker, &self->carrier, self->fds);
	status = status_now();
	text = slurp("/proc/self/vpi");
	ASSERT_NE(NULL, text);
	EXPECT_EQ(1, number(text, "active"));
	EXPECT_EQ(0, number(text, "registered"));
	EXPECT_EQ(0, number(text, "blocked"));
	EXPECT_EQ(1, number(text, "waitresume"));
	EXPECT_EQ(0, number(text, "waitregister"));
	EXPECT_EQ(1, number(text, "system"));
	EXPECT_EQ(status.mask, number(text, "mask"));
	EXPECT_EQ(status.target, number(text, "target"));
	EXPECT_EQ(status.queued, number(text, "queued"));
	EXPECT_EQ(status.blocks, number(text, "blocks"));
	EXPECT_EQ(status.seen, number(text, "seen"));
	EXPECT_EQ(status.cancels, number(text, "cancels"));
	EXPECT_EQ(status.unblocked, number(text, "unblocked"));
	EXPECT_EQ(status.released, number(text, "released"));
	EXPECT_EQ(status.exits, number(text, "exits"));
	EXPECT_EQ(status.resumes, number(text, "resumes"));
	EXPECT_EQ(status.auto_resumes, number(text, "auto_resumes"));
	EXPECT_EQ(status.signals, number(text, "signals"));
}

static void expect_state(struct vp *vp, const char *name)
{
	const char *text = vpi_of(vp->tid);
	char want[64];

	CHECK(text);
	snprintf(want, sizeof(want), "state %s ", name);
	if (!strstr(text, want))
		die("no \"%s\" in: %s", want, text);
	CHECK(number(text, "handle") == vp->attach.handle);
	CHECK(number(text, "tid") == vp->tid);
	CHECK(number(text, "seq") == status_of(vp->attach.handle).vp_seq);
}

static long wait_register_order(struct vp *vp, long n)
{
	return vpi_wait_register(n);
}

TEST_F(proc, every_state)
{
	expect_state(&self->worker, "ACTIVE");
	vp_register(&self->carrier);
	expect_state(&self->carrier, "REGISTERED");
	vp_order(&self->worker, read_order, self->fds[0]);
	expect_event(&self->carrier, VPI_BLOCKED, &self->worker);
	expect_state(&self->worker, "BLOCKED");
	put_byte(self->fds[1]);
	vp_wait_state(&self->worker, VPI_WAITRESUME);
	expect_state(&self->worker, "WAITRESUME");
	ASSERT_EQ(0, vpi_resume(self->worker.attach.handle, VPI_SEQ_ANY, 0, 0));
	EXPECT_EQ(1, vp_await(&self->worker));
	vp_order(&self->worker, wait_register_order, 1);
	vp_wait_state(&self->worker, VPI_WAITREGISTER);
	expect_state(&self->worker, "WAITREGISTER");
}

TEST_F(proc, flags)
{
	struct vp vp;

	EXPECT_NE(NULL, strstr(vpi_of(getpid()), " system"));
	EXPECT_NE(NULL, strstr(vpi_of(self->worker.tid), " nofault"));
	EXPECT_NE(NULL, strstr(vpi_of(self->worker.tid), " noupcall"));
	vp_start_flags(&vp, 0, VPI_BLOCKED);
	EXPECT_EQ(NULL, strstr(vpi_of(vp.tid), " nofault"));
	EXPECT_EQ(NULL, strstr(vpi_of(vp.tid), " system"));
	EXPECT_EQ(VPI_BLOCKED, number(vpi_of(vp.tid), "mask"));
	/* One VP, one line. */
	EXPECT_EQ(strchr(vpi_of(vp.tid), '\n') + 1,
		  strchr(vpi_of(vp.tid), 0));
}

TEST_F(proc, a_plain_thread_has_none)
{
	EXPECT_EQ(0, vp_do(&self->worker, detach_order, 0));
	ASSERT_NE(NULL, vpi_of(self->worker.tid));
	EXPECT_STREQ("", vpi_of(self->worker.tid));
}

TEST(a_plain_process_has_none)
{
	ASSERT_NE(NULL, slurp("/proc/self/vpi"));
	EXPECT_STREQ("", slurp("/proc/self/vpi"));
}

/* Not for other users: the same rule as for wchan. */
TEST_F(proc, not_for_others)
{
	char path[64];
	int wstatus;
	pid_t child;

	if (getuid())
		SKIP(return, "not root");
	snprintf(path, sizeof(path), "/proc/%d/vpi", getpid());
	child = fork();
	ASSERT_GE(child, 0);
	if (!child) {
		CHECK(!setgid(65534) && !setuid(65534));
		_exit(slurp(path) ? 1 : 0);
	}
	ASSERT_EQ(child, waitpid(child, &wstatus, 0));
	EXPECT_EQ(0, wstatus);
}

/* Read again and again while VPs come and go: the readers are not fooled. */
TEST_F(proc, read_while_vps_come_and_go)
{
	unsigned long i, n = scaled(200);
	pid_t pid = getpid(), child;
	char path[64];
	int wstatus;

	snprintf(path, sizeof(path), "/proc/%d/vpi", pid);
	child = fork();
	ASSERT_GE(child, 0);
	if (!child) {
		while (getppid() == pid)
			if (!slurp(path))
				_exit(1);
		_exit(2);
	}
	for (i = 0; i < n; i++) {
		struct vp vp;

		vp_start(&vp);
		vp_stop(&vp);
	}
	ASSERT_EQ(0, kill(child, SIGKILL));
	ASSERT_EQ(child, waitpid(child, &wstatus, 0));
	EXPECT_TRUE(WIFSIGNALED(wstatus));
}

/* The counters add up at every moment, whoever looks. */
TEST_F(proc, counters_add_up_at_any_moment)
{
	struct vpi_status s;
	unsigned long i;

	for (i = 0; i < scaled(200); i++) {
		vp_order(&self->worker, read_order, self->fds[0]);
		if (i % 2)
			vp_order(&self->carrier, fetch_order, 0);
		put_byte(self->fds[1]);
		while (!vp_idle(&self->worker) || !vp_idle(&self->carrier)) {
			s = status_now();
			ASSERT_LE(s.seen + s.cancels, s.blocks);
			ASSERT_LE(s.blocks, s.seen + s.cancels + s.queued);
			ASSERT_LE(s.unblocked + s.released + s.exits, s.seen);
			ASSERT_EQ(2, s.count[VPI_ACTIVE] +
				     s.count[VPI_REGISTERED] +
				     s.count[VPI_BLOCKED_STATE] +
				     s.count[VPI_WAITRESUME] +
				     s.count[VPI_WAITREGISTER]);
			vpi_resume(self->worker.attach.handle, VPI_SEQ_ANY,
				   0, 0);
		}
	}
	while (!vp_do(&self->carrier, fetch_order, 0))
		;
	s = status_now();
	EXPECT_EQ(s.blocks, s.seen + s.cancels);
	EXPECT_EQ(s.seen, s.unblocked + s.released + s.exits);
	EXPECT_EQ(s.unblocked, s.resumes + s.auto_resumes);
}

/* --- Tracepoints ------------------------------------------------------------------ */

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_TRUNC);
	bool ok;

	if (fd < 0)
		return false;
	ok = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return ok;
}

/* A line of the trace with all three in it. */
static bool traced(const char *event, const char *what, pid_t tid)
{
	char line[512], name[64], who[64];
	bool found = false;
	FILE *f = fopen(TRACING "trace", "r");

	CHECK(f);
	snprintf(name, sizeof(name), " %s: ", event);
	snprintf(who, sizeof(who), "=%d ", tid);
	while (!found && fgets(line, sizeof(line), f))
		found = strstr(line, name) && strstr(line, what) &&
			strstr(line, who);
	fclose(f);
	return found;
}

TEST_F(proc, tracepoints)
{
	__u64 seq;
	struct vp late;

	if (!write_file(TRACING "trace", " "))
		SKIP(return, "no tracefs, or no right to it");
	ASSERT_TRUE(write_file(TRACING "events/vpi/enable", "1"));
	vp_start(&late);
	seq = hold(&self->worker, &self->carrier, self->fds);
	ASSERT_EQ(0, vpi_resume(self->worker.attach.handle, seq, 0, 0));
	EXPECT_EQ(1, vp_await(&self->worker));
	vp_stop(&late);
	ASSERT_TRUE(write_file(TRACING "events/vpi/enable", "0"));

	EXPECT_TRUE(traced("vpi_attach", "", late.tid));
	EXPECT_TRUE(traced("vpi_detach", "", late.tid));
	EXPECT_TRUE(traced("vpi_state", "ACTIVE -> REGISTERED",
			   self->carrier.tid));
	EXPECT_TRUE(traced("vpi_state", "REGISTERED -> ACTIVE",
			   self->carrier.tid));
	EXPECT_TRUE(traced("vpi_state", "ACTIVE -> BLOCKED",
			   self->worker.tid));
	EXPECT_TRUE(traced("vpi_state", "BLOCKED -> WAITRESUME",
			   self->worker.tid));
	EXPECT_TRUE(traced("vpi_state", "WAITRESUME -> ACTIVE",
			   self->worker.tid));
	EXPECT_TRUE(traced("vpi_notify", " BLOCKED ", self->carrier.tid));
	EXPECT_TRUE(traced("vpi_notify", "UNBLOCKED ", self->carrier.tid));
	write_file(TRACING "trace", " ");
}

/* --- Leaks ------------------------------------------------------------------------- */

/* KCBs and VPs without end: the slabs hold as many objects as before. */
TEST(nothing_leaks)
{
	unsigned long i, n = scaled(10000);
	struct vpi_attach attach;
	struct slab_counts before;

	if (!slab_counts(&before))
		SKIP(return, "no /sys/kernel/slab, or no right to it");
	for (i = 0; i < n; i++) {
		ASSERT_EQ(0, attach_self(&attach, VPI_ATTACH_INIT, BLOCK_MASKS));
		if (i % 4 == 0)
			ASSERT_EQ(0, vpi_resume(VPI_ANY_VP, VPI_SEQ_ANY, 1, 0));
		ASSERT_EQ(0, vpi_detach(0));
		ASSERT_EQ(0, munmap(vpi_page(&attach), attach.page_size));
	}
	WAIT_FOR(slab_counts_back(&before));
}

TEST(failed_attaches_leak_nothing)
{
	unsigned long i, n = scaled(2000);
	struct vpi_attach *ro = mmap(NULL, getpagesize(),
				     PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct slab_counts before;

	if (!slab_counts(&before))
		SKIP(return, "no /sys/kernel/slab, or no right to it");
	ASSERT_NE(MAP_FAILED, ro);
	ro->version = VPI_ABI_VERSION;
	ro->flags = VPI_ATTACH_INIT;
	ASSERT_EQ(0, mprotect(ro, getpagesize(), PROT_READ));
	for (i = 0; i < n; i++) {
		ASSERT_EQ(-1, vpi_attach(ro, sizeof(*ro)));
		ASSERT_EQ(EFAULT, errno);
	}
	WAIT_FOR(slab_counts_back(&before));
}

VPI_TEST_MAIN
