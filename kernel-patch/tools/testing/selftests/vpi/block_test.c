// SPDX-License-Identifier: GPL-2.0
/* What is a block, and what is none. */
#include "vpi_test.h"
#include "vpi_missing.h"
#include <fcntl.h>
#include <poll.h>
#include <linux/io_uring.h>
#include <sys/eventfd.h>
#include <sys/ptrace.h>
#include "../kselftest_harness.h"

FIXTURE(block) {
	struct vpi_kcb_page *page;
	struct vp worker;
	struct vp carrier;
	int fds[2];
};

FIXTURE_SETUP(block)
{
	self->page = controller_start(0);
	vp_start(&self->worker);
	vp_start(&self->carrier);
	ASSERT_EQ(0, pipe(self->fds));
}

FIXTURE_TEARDOWN(block)
{
}

/* BLOCKED has come; the sleep ends; UNBLOCKED comes, and @worker goes on. */
static void finish_block(struct vp *worker, struct vp *carrier,
			 void (*wake)(long), long arg)
{
	__u64 seq;

	expect_event(carrier, VPI_BLOCKED, worker);
	seq = carrier->event.seq;
	/* A sleep that ends by itself may have ended already. */
	vp_order(carrier, register_order, 0);
	wake(arg);
	expect_event(carrier, VPI_UNBLOCKED, worker);
	CHECK(carrier->event.seq == seq);
	CHECK(!vp_idle(worker));
	CHECK(!vpi_resume(worker->attach.handle, seq, 0, 0));
	vp_await(worker);
}

static void expect_one_block(struct vp *worker, struct vp *carrier)
{
	struct vpi_status status = status_of(worker->attach.handle);

	CHECK(status.blocks == 1 && status.seen == 1);
	CHECK(status.unblocked == 1 && status.resumes == 1);
	CHECK(status.cancels == 0 && status.released == 0);
	CHECK(status.vp_seq == carrier->event.seq);
	expect_no_event(carrier);
}

static void expect_no_block(struct vp *worker, struct vp *carrier)
{
	struct vpi_status status = status_of(worker->attach.handle);

	CHECK(status.blocks == 0 && status.vp_seq == 0);
	expect_no_event(carrier);
}

static void wake_nobody(long unused)
{
}

static void wake_pipe(long fd)
{
	put_byte(fd);
}

/* --- System calls that sleep ---------------------------------------------- */

TEST_F(block, pipe)
{
	vp_register(&self->carrier);
	vp_order(&self->worker, read_order, self->fds[0]);
	finish_block(&self->worker, &self->carrier, wake_pipe, self->fds[1]);
	EXPECT_EQ(1, self->worker.ret);
	expect_one_block(&self->worker, &self->carrier);
}

static uint32_t word;

static long futex_order(struct vp *vp, long unused)
{
	long ret;

	upcalls_on(vp);
	ret = futex(&word, FUTEX_WAIT, 0);
	upcalls_off(vp);
	return ret;
}

static void wake_futex(long unused)
{
	store(&word, 1);
	futex(&word, FUTEX_WAKE, 1);
}

TEST_F(block, futex)
{
	vp_register(&self->carrier);
	vp_order(&self->worker, futex_order, 0);
	finish_block(&self->worker, &self->carrier, wake_futex, 0);
	EXPECT_EQ(0, self->worker.ret);
	expect_one_block(&self->worker, &self->carrier);
}

/* The main thread owns it until wake_pi(). */
static uint32_t pi_word;

static long pi_order(struct vp *vp, long unused)
{
	long ret;

	upcalls_on(vp);
	ret = futex(&pi_word, FUTEX_LOCK_PI, 0);
	upcalls_off(vp);
	return ret;
}

/* These sleep without passing the hook: documented, and no harm is done. */
TEST_F(block, priority_inheriting_futex_is_none)
{
	ASSERT_EQ(0, futex(&pi_word, FUTEX_LOCK_PI, 0));
	vp_register(&self->carrier);
	vp_order(&self->worker, pi_order, 0);
	WAIT_FOR(vp_asleep(&self->worker));
	EXPECT_EQ(VPI_ACTIVE, self->worker.word->state);
	ASSERT_EQ(0, futex(&pi_word, FUTEX_UNLOCK_PI, 0));
	EXPECT_EQ(0, vp_await(&self->worker));
	EXPECT_EQ(VPI_REGISTERED, self->carrier.word->state);
	EXPECT_EQ(0, status_now().seen);
}

/* A ring whose one request reads @fd; returns its descriptor, or -1. */
static int ring_that_reads(int fd)
{
	struct io_uring_params params = {};
	int ring = syscall(SYS_io_uring_setup, 1, &params);
	static char byte;
	struct io_uring_sqe *sqe;
	char *queue;

	if (ring < 0)
		return -1;
	queue = mmap(NULL, params.sq_off.array + sizeof(uint32_t),
		     PROT_READ | PROT_WRITE, MAP_SHARED, ring,
		     IORING_OFF_SQ_RING);
	sqe = mmap(NULL, sizeof(*sqe), PROT_READ | PROT_WRITE, MAP_SHARED, ring,
		   IORING_OFF_SQES);
	CHECK(queue != MAP_FAILED && sqe != MAP_FAILED);
	*sqe = (struct io_uring_sqe) {
		.opcode = IORING_OP_READ, .fd = fd, .off = -1,
		.addr = (uintptr_t)&byte, .len = 1,
	};
	*(uint32_t *)(queue + params.sq_off.array) = 0;
	store((uint32_t *)(queue + params.sq_off.tail), 1);
	return ring;
}

/* Submits it, and waits for its end. */
static long ring_order(struct vp *vp, long ring)
{
	long ret;

	upcalls_on(vp);
	ret = syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS,
		      NULL, 0);
	upcalls_off(vp);
	return ret;
}

TEST_F(block, io_uring)
{
	int ring = ring_that_reads(self->fds[0]);

	if (ring < 0)
		SKIP(return, "no io_uring, or no right to it");
	vp_register(&self->carrier);
	vp_order(&self->worker, ring_order, ring);
	finish_block(&self->worker, &self->carrier, wake_pipe, self->fds[1]);
	EXPECT_EQ(1, self->worker.ret);
	expect_one_block(&self->worker, &self->carrier);
}

static long nanosleep_order(struct vp *vp, long ns)
{
	upcalls_on(vp);
	nap_ns(ns);
	upcalls_off(vp);
	return 0;
}

TEST_F(block, nanosleep)
{
	vp_register(&self->carrier);
	vp_order(&self->worker, nanosleep_order, 300000000);
	finish_block(&self->worker, &self->carrier, wake_nobody, 0);
	expect_one_block(&self->worker, &self->carrier);
}

static long poll_order(struct vp *vp, long fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	long ret;

	upcalls_on(vp);
	ret = poll(&pfd, 1, -1);
	upcalls_off(vp);
	return ret;
}

TEST_F(block, poll)
{
	vp_register(&self->carrier);
	vp_order(&self->worker, poll_order, self->fds[0]);
	finish_block(&self->worker, &self->carrier, wake_pipe, self->fds[1]);
	EXPECT_EQ(1, self->worker.ret);
	expect_one_block(&self->worker, &self->carrier);
}

static unsigned long voluntary_switches(pid_t tid)
{
	unsigned long n = 0;
	char path[64], line[128];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/status", tid);
	f = fopen(path, "r");
	CHECK(f);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "voluntary_ctxt_switches: %lu", &n) == 1)
			break;
	fclose(f);
	return n;
}

static void pin(pid_t tid, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	CHECK(!sched_setaffinity(tid, sizeof(set), &set));
}

/* Has woken up since it had made @switches, and sleeps again. */
static bool resleeps(struct vp *vp, unsigned long switches)
{
	/* We have priority, and would keep it from running. */
	nap_ns(1000000);
	return voluntary_switches(vp->tid) > switches && vp_asleep(vp);
}

/*
 * poll() that is woken and finds nothing sleeps again, in the same kernel
 * entry. The worker is kept from running between the write and the read that
 * takes the data away again: same CPU, and the controller has a real-time
 * priority. (It sleeps more than it runs, or the kernel would let the worker
 * run all the same.)
 */
TEST_F(block, poll_resleeps_are_silent)
{
	struct sched_param prio = { .sched_priority = 1 };
	int fd = eventfd(0, EFD_NONBLOCK);
	unsigned long switches;
	uint64_t value = 1;
	int i;

	pin(0, 0);
	pin(self->worker.tid, 0);
	if (sched_setscheduler(0, SCHED_FIFO, &prio))
		SKIP(return, "no right to a real-time priority");

	vp_register(&self->carrier);
	vp_order(&self->worker, poll_order, fd);
	expect_event(&self->carrier, VPI_BLOCKED, &self->worker);
	vp_register(&self->carrier);

	for (i = 0; i < 10; i++) {
		switches = voluntary_switches(self->worker.tid);
		ASSERT_EQ(8, write(fd, &value, 8));
		ASSERT_EQ(8, read(fd, &value, 8));
		WAIT_FOR(resleeps(&self->worker, switches));
	}
	ASSERT_EQ(VPI_BLOCKED_STATE, self->worker.word->state);
	ASSERT_EQ(VPI_REGISTERED, self->carrier.word->state);
	EXPECT_EQ(1, status_now().blocks);

	ASSERT_EQ(8, write(fd, &value, 8));
	expect_event(&self->carrier, VPI_UNBLOCKED, &self->worker);
	ASSERT_EQ(0, vpi_resume(self->worker.attach.handle,
				self->carrier.event.seq, 0, 0));
	EXPECT_EQ(1, vp_await(&self->worker));
	expect_one_block(&self->worker, &self->carrier);
}

/* Two blocks, two sequence numbers, each with the cookie of its time. */
TEST_F(block, seq_and_cookie)
{
	struct vp *worker = &self->worker, *carrier = &self->carrier;
	__u64 seq;
	int i;

	for (i = 1; i <= 3; i++) {
		worker->word->cookie = 1000 + i;
		vp_register(carrier);
		vp_order(worker, read_order, self->fds[0]);
		expect_event(carrier, VPI_BLOCKED, worker);
		seq = carrier->event.seq;
		EXPECT_EQ(i, seq);
		EXPECT_EQ(1000 + i, carrier->event.cookie);

		/* What is written later is for the next block. */
		worker->word->cookie = 5;
		vp_register(carrier);
		put_byte(self->fds[1]);
		expect_event(carrier, VPI_UNBLOCKED, worker);
		EXPECT_EQ(seq, carrier->event.seq);
		EXPECT_EQ(1000 + i, carrier->event.cookie);
		EXPECT_EQ(0, carrier->event.reserved[0]);
		EXPECT_EQ(0, carrier->event.reserved[1]);
		ASSERT_EQ(0, vpi_resume(worker->attach.handle, seq, 0, 0));
		EXPECT_EQ(1, vp_await(worker));
	}
}

/* --- Page faults ---------------------------------------------------------- */

static void fill_one_page(long page)
{
	fill_memory((char *)page, getpagesize());
}

static long touch_order(struct vp *vp, long address)
{
	char byte;

	upcalls_on(vp);
	byte = *(volatile char *)address;
	upcalls_off(vp);
	return byte;
}

static long write_from_order(struct vp *vp, long address)
{
	long ret;
	int fds[2];

	CHECK(!pipe(fds));
	upcalls_on(vp);
	ret = write(fds[1], (void *)address, 1);
	upcalls_off(vp);
	return ret;
}

TEST_F(block, page_fault)
{
	char *page = missing_memory(getpagesize());
	struct vp worker;

	if (!page)
		SKIP(return, "no userfaultfd");
	vp_start_flags(&worker, 0, BLOCK_MASKS);
	vp_register(&self->carrier);
	vp_order(&worker, touch_order, (long)page);
	finish_block(&worker, &self->carrier, fill_one_page, (long)page);
	expect_one_block(&worker, &self->carrier);
}

TEST_F(block, page_fault_of_a_nofault_vp_is_none)
{
	char *page = missing_memory(getpagesize());

	if (!page)
		SKIP(return, "no userfaultfd");
	vp_order(&self->worker, touch_order, (long)page);
	WAIT_FOR(vp_asleep(&self->worker));
	EXPECT_EQ(VPI_ACTIVE, self->worker.word->state);
	fill_one_page((long)page);
	EXPECT_EQ(0, vp_await(&self->worker));
	expect_no_block(&self->worker, &self->carrier);
}

/* A system call that faults sleeps in a system call. */
TEST_F(block, fault_in_a_system_call_of_a_nofault_vp)
{
	char *page = missing_memory(getpagesize());

	if (!page)
		SKIP(return, "no userfaultfd");
	vp_register(&self->carrier);
	vp_order(&self->worker, write_from_order, (long)page);
	finish_block(&self->worker, &self->carrier, fill_one_page, (long)page);
	EXPECT_EQ(1, self->worker.ret);
	expect_one_block(&self->worker, &self->carrier);
}

/* A file whose pages are not in memory: $VPI_COLD_FILE, or one made here. */
static int cold_file(void)
{
	const char *path = getenv("VPI_COLD_FILE");
	char page[4096] = "x";
	int i, fd;

	if (path) {
		fd = open(path, O_RDONLY);
	} else {
		path = "vpi_cold_file.tmp";
		fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
		unlink(path);
		for (i = 0; fd >= 0 && i < 64; i++)
			CHECK(write(fd, page, sizeof(page)) == sizeof(page));
		fsync(fd);
	}
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	return fd;
}

/* Whether reading them sleeps is for the file system: on a RAM disk it does not. */
TEST_F(block, cold_file)
{
	int fd = cold_file();
	struct vp worker;
	char *map;

	if (fd < 0)
		SKIP(return, "cannot write here");
	map = mmap(NULL, getpagesize(), PROT_READ, MAP_PRIVATE, fd, 0);
	ASSERT_NE(MAP_FAILED, map);

	vp_start_flags(&worker, 0, BLOCK_MASKS);
	vp_register(&self->carrier);
	vp_order(&worker, touch_order, (long)map);
	WAIT_FOR(vp_idle(&worker) || vp_idle(&self->carrier));
	if (!vp_idle(&self->carrier)) {
		ASSERT_EQ(0, vpi_resume(self->carrier.attach.handle,
					VPI_SEQ_ANY, 0, 0));
		SKIP(return, "this file system's pages are always there");
	}
	finish_block(&worker, &self->carrier, wake_nobody, 0);
	expect_one_block(&worker, &self->carrier);
}

/* --- What is no block ------------------------------------------------------ */

static long busy_order(struct vp *vp, long n)
{
	long i;

	upcalls_on(vp);
	for (i = 0; i < n; i++) {
		sched_yield();
		futex(&word, FUTEX_WAKE, 1);
		futex(&word, FUTEX_WAIT, 1);	/* EAGAIN */
		getppid();
	}
	upcalls_off(vp);
	return 0;
}

TEST_F(block, calls_that_do_not_sleep)
{
	vp_do(&self->worker, busy_order, scaled(1000));
	expect_no_block(&self->worker, &self->carrier);
}

static uint32_t handled;

static void count_signal(int sig)
{
	__atomic_add_fetch(&handled, 1, __ATOMIC_SEQ_CST);
}

static long pending_signal_order(struct vp *vp, long unused)
{
	struct sigaction action = { .sa_handler = count_signal };
	struct timespec forever = { .tv_sec = 1000 };
	sigset_t usr1, none;

	sigemptyset(&none);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	CHECK(!sigaction(SIGUSR1, &action, NULL));
	CHECK(!pthread_sigmask(SIG_BLOCK, &usr1, NULL));

	upcalls_on(vp);
	CHECK(!pthread_kill(pthread_self(), SIGUSR1));
	CHECK(ppoll(NULL, 0, &forever, &none) == -1 && errno == EINTR);
	CHECK(!pthread_kill(pthread_self(), SIGUSR1));
	CHECK(sigsuspend(&none) == -1 && errno == EINTR);
	upcalls_off(vp);
	return 0;
}

TEST_F(block, signal_pending_before)
{
	vp_do(&self->worker, pending_signal_order, 0);
	EXPECT_EQ(2, handled);
	expect_no_block(&self->worker, &self->carrier);
}

static bool enters_the_futex(pid_t tid)
{
	struct __ptrace_syscall_info info;

	CHECK(ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof(info), &info) > 0);
	return info.op == PTRACE_SYSCALL_INFO_ENTRY &&
	       info.entry.nr == SYS_futex &&
	       info.entry.args[0] == (unsigned long)&word;
}

/* From outside: the signal comes when the call has begun, but not its wait. */
static void signal_in_the_futex(pid_t pid, pid_t tid, int ready)
{
	CHECK(!ptrace(PTRACE_SEIZE, tid, 0, PTRACE_O_TRACESYSGOOD));
	CHECK(!ptrace(PTRACE_INTERRUPT, tid, 0, 0));
	next_stop(tid);
	put_byte(ready);
	do {
		CHECK(!ptrace(PTRACE_SYSCALL, tid, 0, 0));
		next_stop(tid);
	} while (!enters_the_futex(tid));
	CHECK(!syscall(SYS_tgkill, pid, tid, SIGUSR1));
	CHECK(!ptrace(PTRACE_CONT, tid, 0, 0));
	CHECK(next_stop(tid) == SIGUSR1);
	CHECK(!ptrace(PTRACE_DETACH, tid, 0, SIGUSR1));
}

/* futex() does not look for signals before it waits: __schedule() does. */
TEST_F(block, signal_before_the_wait_in_a_call)
{
	struct sigaction action = { .sa_handler = count_signal };
	pid_t child, parent = getpid();
	int status;
	char byte;

	ASSERT_EQ(0, sigaction(SIGUSR1, &action, NULL));
	child = fork();
	ASSERT_LE(0, child);
	if (!child) {
		signal_in_the_futex(parent, self->worker.tid, self->fds[1]);
		_exit(0);
	}
	ASSERT_EQ(1, read(self->fds[0], &byte, 1));
	vp_order(&self->worker, futex_order, 0);
	EXPECT_EQ(-1, vp_await(&self->worker));
	EXPECT_EQ(EINTR, errno);
	EXPECT_EQ(1, handled);
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	expect_no_block(&self->worker, &self->carrier);
}

static uint32_t spinning;

static long spin_order(struct vp *vp, long unused)
{
	upcalls_on(vp);
	store(&spinning, 1);
	while (!load(&word))
		;
	upcalls_off(vp);
	return 0;
}

/* From outside: stops this process, sees that it is, and lets it go on. */
static void stop_and_continue(pid_t pid, int times)
{
	char path[64], line[256], *p;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	while (times--) {
		CHECK(!kill(pid, SIGSTOP));
		for (;;) {
			f = fopen(path, "r");
			CHECK(f && fgets(line, sizeof(line), f));
			fclose(f);
			p = strrchr(line, ')');
			if (p && p[2] == 'T')
				break;
			sched_yield();
		}
		CHECK(!kill(pid, SIGCONT));
		nap_ns(1000000);
	}
}

TEST_F(block, stop_and_continue)
{
	pid_t pid = getpid(), child;
	struct vp worker;
	int wstatus;
	char byte;

	/* The fork comes first: it makes others' next write a fault. */
	child = fork();
	ASSERT_GE(child, 0);
	if (!child) {
		CHECK(read(self->fds[0], &byte, 1) == 1);
		stop_and_continue(pid, 5);
		_exit(0);
	}
	/* In user mode, and with faults there counted: nothing else excuses it. */
	vp_start_flags(&worker, 0, BLOCK_MASKS);
	vp_register(&self->carrier);
	vp_order(&worker, spin_order, 0);
	WAIT_FOR(load(&spinning));
	put_byte(self->fds[1]);
	ASSERT_EQ(child, waitpid(child, &wstatus, 0));
	EXPECT_EQ(0, wstatus);
	store(&word, 1);
	vp_await(&worker);
	/* A stop ends a register as any signal does, or goes unnoticed. */
	if (vp_idle(&self->carrier)) {
		EXPECT_EQ(-1, vp_await(&self->carrier));
		EXPECT_EQ(EINTR, errno);
	} else {
		ASSERT_EQ(0, vpi_resume(self->carrier.attach.handle,
					VPI_SEQ_ANY, 0, 0));
		ASSERT_EQ(0, vp_await(&self->carrier));
	}
	expect_no_block(&worker, &self->carrier);
}

static long silent_read_order(struct vp *vp, long fd)
{
	char byte;

	return read(fd, &byte, 1);
}

static void expect_silent(struct vp *worker, struct vp *carrier,
			  long (*order)(struct vp *, long), int fds[2],
			  enum vpi_vp_state state)
{
	vp_register(carrier);
	vp_order(worker, order, fds[0]);
	WAIT_FOR(vp_asleep(worker));
	CHECK(load(&worker->word->state) == state);
	put_byte(fds[1]);
	CHECK(vp_await(worker) == 1);
	CHECK(load(&carrier->word->state) == VPI_REGISTERED);
	CHECK(!vpi_resume(carrier->attach.handle, VPI_SEQ_ANY, 0, 0));
	CHECK(!vp_await(carrier));
	expect_no_block(worker, carrier);
}

TEST_F(block, noupcall)
{
	expect_silent(&self->worker, &self->carrier, silent_read_order,
		      self->fds, VPI_ACTIVE);
}

TEST_F(block, system_vp)
{
	struct vp vp;

	vp_start_flags(&vp, VPI_ATTACH_SYSTEM, BLOCK_MASKS);
	expect_silent(&vp, &self->carrier, read_order, self->fds, VPI_ACTIVE);
}

TEST_F(block, masked_by_the_vp)
{
	struct vp vp;

	vp_start_flags(&vp, VPI_ATTACH_NOFAULT, VPI_RESUMED);
	expect_silent(&vp, &self->carrier, read_order, self->fds, VPI_ACTIVE);
}

TEST_F(block, masked_by_the_kcb)
{
	ASSERT_EQ(BLOCK_MASKS, vpi_mode(0, VPI_MODE_ALL));
	expect_silent(&self->worker, &self->carrier, read_order, self->fds,
		      VPI_ACTIVE);
}

/* A plain thread of a VPI process is nobody's business. */
static void *plain_reader(void *fd)
{
	char byte;

	CHECK(read((long)fd, &byte, 1) == 1);
	return NULL;
}

TEST_F(block, plain_thread)
{
	pthread_t thread;

	vp_register(&self->carrier);
	ASSERT_EQ(0, pthread_create(&thread, NULL, plain_reader,
				    (void *)(long)self->fds[0]));
	put_byte(self->fds[1]);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(VPI_REGISTERED, self->carrier.word->state);
	EXPECT_EQ(0, status_now().blocks);
}

/* --- Nobody is registered --------------------------------------------------- */

/* Over before anybody has seen it: it never was. */
TEST_F(block, cancelled)
{
	struct vpi_status status;

	vp_order(&self->worker, read_order, self->fds[0]);
	vp_wait_state(&self->worker, VPI_BLOCKED_STATE);
	EXPECT_EQ(1, self->page->queued);
	put_byte(self->fds[1]);
	EXPECT_EQ(1, vp_await(&self->worker));
	EXPECT_EQ(0, self->page->queued);
	status = status_now();
	EXPECT_EQ(1, status.blocks);
	EXPECT_EQ(1, status.cancels);
	EXPECT_EQ(0, status.seen);
	EXPECT_EQ(0, status.unblocked);
	EXPECT_EQ(0, status.released);
	expect_no_event(&self->carrier);
}

/* Seen only later: held nevertheless. */
TEST_F(block, waits_for_the_next_register)
{
	vp_order(&self->worker, read_order, self->fds[0]);
	vp_wait_state(&self->worker, VPI_BLOCKED_STATE);
	vp_order(&self->carrier, register_order, 0);
	finish_block(&self->worker, &self->carrier, wake_pipe, self->fds[1]);
	expect_one_block(&self->worker, &self->carrier);
}

VPI_TEST_MAIN
