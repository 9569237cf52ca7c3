/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What all tests of the virtual processor interface share: waiting for a
 * condition within bounds, and VPs that do what the main thread orders.
 *
 * The main thread is a system VP (controller_start()): it may sleep, poll and
 * resume without being counted or held. Every other VP is a thread that sleeps
 * with NOUPCALL set until it gets an order, carries it out and says so. So a
 * test reads as a sequence of steps, and the states that it waits for are the
 * kernel's own; nothing is synchronized by sleeping for a while.
 */
#ifndef VPI_TEST_H
#define VPI_TEST_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <linux/futex.h>

#include "vpi_sys.h"

/* What most tests are about; SIGNAL and PREEMPT have tests of their own. */
#define BLOCK_MASKS	(VPI_BLOCKED | VPI_UNBLOCKED | VPI_RESUMED)

/* A wait that takes longer has failed: before the harness ends the test. */
#define PATIENCE_SECONDS	20

/* --- Failing ------------------------------------------------------------- */

/*
 * With write() alone, for a test may fail in a signal handler, in the middle
 * of malloc(), or because somebody is held who owns a lock of libc: what waits
 * for that lock says nothing, and never ends.
 */
static inline void put_text(const char *text, size_t length)
{
	ssize_t n;

	for (; length; text += n, length -= n) {
		n = write(STDERR_FILENO, text, length);
		if (n <= 0)
			return;
	}
}

/* The file, as lines that a reader of test results takes for comments. */
static inline void print_file(const char *path)
{
	static const char mark[] = "#   ";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[4096], *line, *end;
	ssize_t n;

	if (fd < 0)
		return;
	while ((n = read(fd, text, sizeof(text))) > 0)
		for (line = text; line < text + n; line = end) {
			end = memchr(line, '\n', text + n - line);
			end = end ? end + 1 : text + n;
			put_text(mark, sizeof(mark) - 1);
			put_text(line, end - line);
		}
	close(fd);
}

/* Ends the test as failed, from any thread, and shows what the kernel sees. */
static inline void __attribute__((noreturn, format(printf, 1, 2)))
die(const char *fmt, ...)
{
	int err = errno;
	char text[512];
	va_list args;

	/* Nobody is told if we block from here on, and nobody holds us. */
	vpi_mode(0, 0);
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	put_text("# ", 2);
	put_text(text, strlen(text));
	snprintf(text, sizeof(text), " (errno %d: %s)\n", err,
		 strerrordesc_np(err));
	put_text(text, strlen(text));
	print_file("/proc/self/vpi");
	abort();
}

#define CHECK(cond)							\
	do {								\
		if (!(cond))						\
			die("%s:%d: not so: %s", __FILE__, __LINE__, #cond); \
	} while (0)

/* --- Scale --------------------------------------------------------------- */

/*
 * Loops run n times; VPI_SCALE=percent in the environment makes that more or
 * fewer, but never less than once.
 */
static inline unsigned long scaled(unsigned long n)
{
	const char *scale = getenv("VPI_SCALE");
	unsigned long percent = scale ? strtoul(scale, NULL, 10) : 100;

	n = n * percent / 100;
	return n ? n : 1;
}

/* --- Time and waiting ---------------------------------------------------- */

static inline __s64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/*
 * Gives the CPU to whoever makes @cond true, and asks again. A plain loop over
 * sched_yield() would starve nobody, but burn a CPU that an emulated machine
 * may have only one of: so it sleeps for a moment now and then.
 */
#define WAIT_FOR(cond)							\
	do {								\
		__s64 __end = now_ns() + PATIENCE_SECONDS * 1000000000LL; \
		unsigned int __spins = 0;				\
									\
		while (!(cond)) {					\
			if (now_ns() > __end)				\
				die("%s:%d: waited in vain for: %s",	\
				    __FILE__, __LINE__, #cond);		\
			if (++__spins % 64)				\
				sched_yield();				\
			else						\
				nap_ns(200000);				\
		}							\
	} while (0)

static inline void on_alarm(int sig)
{
	errno = ETIMEDOUT;
	die("the watchdog: nothing goes on");
}

/* For programs without a harness: fails in @seconds, unless called again. */
static inline void watchdog(unsigned int seconds)
{
	struct sigaction action = { .sa_handler = on_alarm };

	CHECK(!sigaction(SIGALRM, &action, NULL));
	alarm(seconds);
}

/* Absolute, because a signal (glibc's SIGSETXID) would cut a usleep() short. */
static inline void nap_ns(__s64 ns)
{
	__s64 end = now_ns() + ns;
	struct timespec ts = {
		.tv_sec = end / 1000000000LL,
		.tv_nsec = end % 1000000000LL,
	};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL))
		;
}

static inline long futex(uint32_t *word, int op, uint32_t value)
{
	return syscall(SYS_futex, word, op | FUTEX_PRIVATE_FLAG, value, NULL,
		       NULL, 0);
}

static inline uint32_t load(const uint32_t *word)
{
	return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

static inline void store(uint32_t *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_SEQ_CST);
}

/* Sleeps until *@word differs from @value. */
static inline void futex_await(uint32_t *word, uint32_t value)
{
	while (load(word) == value)
		futex(word, FUTEX_WAIT, value);
}

/* --- Virtual processors that carry out orders ---------------------------- */

struct vp {
	struct vpi_attach attach;
	struct vpi_vp_page *word;	/* this VP's word in the shared page */
	struct vpi_event event;		/* for register_order() */
	pthread_t thread;
	pid_t tid;

	/* futex words: orders given, begun, carried out (and the attach) */
	uint32_t given;
	uint32_t begun;
	uint32_t done;
	long (*order)(struct vp *vp, long arg);	/* NULL: leave */
	long arg;
	long ret;			/* what the order returned */
	int err;			/* and errno */
};

static inline struct vpi_kcb_page *vpi_page(const struct vpi_attach *attach)
{
	return (struct vpi_kcb_page *)(uintptr_t)attach->page;
}

static inline struct vpi_vp_page *vpi_word(const struct vpi_attach *attach)
{
	struct vpi_kcb_page *page = vpi_page(attach);

	return (struct vpi_vp_page *)((char *)page + page->vp_offset +
				      (size_t)attach->slot * page->vp_size);
}

/* Attaches the calling thread; the result is in @attach. */
static inline int attach_self(struct vpi_attach *attach, __u32 flags,
			      __u32 mask)
{
	memset(attach, 0, sizeof(*attach));
	attach->version = VPI_ABI_VERSION;
	attach->flags = flags;
	attach->mask = mask;
	if (flags & VPI_ATTACH_INIT)
		attach->kcb_mask = BLOCK_MASKS;
	return vpi_attach(attach, sizeof(*attach));
}

/*
 * The calling thread creates the KCB, as a system VP. Its pages are brought
 * in, so that no fault on the program itself sleeps in the middle of a test.
 */
static inline struct vpi_kcb_page *controller_start(__u32 target)
{
	static struct vpi_attach attach;

	attach = (struct vpi_attach) {
		.version = VPI_ABI_VERSION,
		.flags = VPI_ATTACH_INIT | VPI_ATTACH_SYSTEM,
		.mask = BLOCK_MASKS,
		.kcb_mask = BLOCK_MASKS,
		.target = target,
	};
	mlockall(MCL_CURRENT);
	if (vpi_attach(&attach, sizeof(attach)))
		die("attach of the controller");
	return vpi_page(&attach);
}

static inline void upcalls_on(struct vp *vp)
{
	__atomic_and_fetch(&vp->word->flags, ~VPI_NOUPCALL, __ATOMIC_SEQ_CST);
}

static inline void upcalls_off(struct vp *vp)
{
	__atomic_or_fetch(&vp->word->flags, VPI_NOUPCALL, __ATOMIC_SEQ_CST);
}

static inline void vp_report(struct vp *vp, long ret)
{
	vp->err = errno;
	vp->ret = ret;
	__atomic_add_fetch(&vp->done, 1, __ATOMIC_SEQ_CST);
	futex(&vp->done, FUTEX_WAKE, INT_MAX);
}

static inline void *vp_thread(void *arg)
{
	struct vp *vp = arg;
	uint32_t n;

	vp->tid = gettid();
	if (vpi_attach(&vp->attach, sizeof(vp->attach)))
		die("attach of a VP");
	vp->word = vpi_word(&vp->attach);
	vp_report(vp, 0);

	for (n = 1; ; n++) {
		futex_await(&vp->given, n - 1);
		if (!vp->order)
			return NULL;
		store(&vp->begun, n);
		errno = 0;
		vp_report(vp, vp->order(vp, vp->arg));
	}
}

/* A new VP; faults in user mode are no blocks unless @flags are told so. */
static inline void vp_start_flags(struct vp *vp, __u32 flags, __u32 mask)
{
	memset(vp, 0, sizeof(*vp));
	vp->attach.version = VPI_ABI_VERSION;
	vp->attach.flags = flags;
	vp->attach.mask = mask;
	CHECK(!pthread_create(&vp->thread, NULL, vp_thread, vp));
	futex_await(&vp->done, 0);
}

static inline void vp_start(struct vp *vp)
{
	vp_start_flags(vp, VPI_ATTACH_NOFAULT, BLOCK_MASKS);
}

/* Gives an order; vp_await() waits until it is carried out. */
static inline void vp_order(struct vp *vp, long (*order)(struct vp *, long),
			    long arg)
{
	/* The word "done" is one ahead: it counts the attach, too. */
	CHECK(load(&vp->done) == load(&vp->given) + 1);
	vp->order = order;
	vp->arg = arg;
	__atomic_add_fetch(&vp->given, 1, __ATOMIC_SEQ_CST);
	futex(&vp->given, FUTEX_WAKE, 1);
}

static inline bool vp_idle(const struct vp *vp)
{
	return load(&vp->done) == load(&vp->given) + 1;
}

static inline long vp_await(struct vp *vp)
{
	WAIT_FOR(vp_idle(vp));
	errno = vp->err;
	return vp->ret;
}

static inline long vp_do(struct vp *vp, long (*order)(struct vp *, long),
			 long arg)
{
	vp_order(vp, order, arg);
	return vp_await(vp);
}

/* The VP's thread ends, and with it the VP. */
static inline void vp_stop(struct vp *vp)
{
	vp_order(vp, NULL, 0);
	CHECK(!pthread_join(vp->thread, NULL));
}

/* --- What the kernel says ------------------------------------------------ */

static inline struct vpi_status status_of(__u64 handle)
{
	struct vpi_status status;

	if (vpi_status(&status, sizeof(status), handle))
		die("vpi_status");
	return status;
}

static inline struct vpi_status status_now(void)
{
	return status_of(0);
}

/*
 * The page's counters follow what they count as the kernel drops its lock, so
 * a state may be seen a moment earlier. Who has had the lock is past that.
 */
static inline void settle(void)
{
	status_now();
}

static inline void vp_wait_state(struct vp *vp, enum vpi_vp_state state)
{
	WAIT_FOR(load(&vp->word->state) == state);
	settle();
}

/* The state letter of a thread in /proc: S, D, R, T ... */
static inline char thread_state(pid_t tid)
{
	char path[64], line[256], *p;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	f = fopen(path, "r");
	if (!f)
		return 0;
	p = fgets(line, sizeof(line), f);
	fclose(f);
	p = p ? strrchr(line, ')') : NULL;
	return p ? p[2] : 0;
}

/* The VP sleeps in the middle of its order. */
static inline bool vp_asleep(const struct vp *vp)
{
	char state;

	if (load(&vp->begun) != load(&vp->given) || vp_idle(vp))
		return false;
	state = thread_state(vp->tid);
	return state == 'S' || state == 'D';
}

/* --- Orders -------------------------------------------------------------- */

/* Reads one byte from a file descriptor, with upcalls. */
static inline long read_order(struct vp *vp, long fd)
{
	char byte;
	long ret;

	upcalls_on(vp);
	ret = read(fd, &byte, 1);
	upcalls_off(vp);
	return ret;
}

/* Registers until something comes. */
static inline long register_order(struct vp *vp, long flags)
{
	return vpi_register(&vp->event, sizeof(vp->event), VPI_NO_DEADLINE,
			    flags);
}

/* Takes an event that is queued. */
static inline long fetch_order(struct vp *vp, long flags)
{
	return vpi_register(&vp->event, sizeof(vp->event), 0, flags);
}

static inline long detach_order(struct vp *vp, long flags)
{
	return vpi_detach(flags);
}

/* The VP registers; returns when it sleeps there, with nothing to carry. */
static inline void vp_register(struct vp *vp)
{
	vp_order(vp, register_order, 0);
	vp_wait_state(vp, VPI_REGISTERED);
}

/* The carrier's register has returned this event. */
static inline void expect_event(struct vp *carrier, __u32 type,
				const struct vp *about)
{
	if (vp_await(carrier))
		die("register");
	settle();
	if (carrier->event.type != type ||
	    carrier->event.vp != about->attach.handle)
		die("event type %#x vp %#llx, wanted %#x %#llx",
		    carrier->event.type, carrier->event.vp, type,
		    about->attach.handle);
}

/* Nothing is queued. */
static inline void expect_no_event(struct vp *carrier)
{
	if (vp_do(carrier, fetch_order, 0) != -1 || errno != ETIMEDOUT)
		die("event type %#x of vp %#llx, wanted none",
		    carrier->event.type, carrier->event.vp);
}

static inline void put_byte(int fd)
{
	CHECK(write(fd, "x", 1) == 1);
}

/* For a tracer: waits until @tid stops, and returns the signal of that. */
static inline int next_stop(pid_t tid)
{
	int status;

	CHECK(waitpid(tid, &status, __WALL) == tid);
	CHECK(WIFSTOPPED(status));
	return WSTOPSIG(status);
}

/*
 * Brings @worker into WAITRESUME: it reads from the empty pipe @fds, @carrier
 * carries BLOCKED and UNBLOCKED. Returns the block's sequence number.
 */
static inline __u64 hold(struct vp *worker, struct vp *carrier, int fds[2])
{
	__u64 seq;

	vp_register(carrier);
	vp_order(worker, read_order, fds[0]);
	expect_event(carrier, VPI_BLOCKED, worker);
	seq = carrier->event.seq;

	vp_register(carrier);
	put_byte(fds[1]);
	expect_event(carrier, VPI_UNBLOCKED, worker);
	CHECK(carrier->event.seq == seq);
	vp_wait_state(worker, VPI_WAITRESUME);
	return seq;
}

/* --- Skipping ------------------------------------------------------------ */

static inline bool vpi_missing(void)
{
	return vpi_detach(0) == -1 && errno == ENOSYS;
}

/* For the files that use kselftest_harness.h. */
#define VPI_TEST_MAIN							\
int main(int argc, char **argv)						\
{									\
	if (vpi_missing()) {						\
		ksft_print_header();					\
		ksft_exit_skip("this kernel has no CONFIG_SCHEDVPI\n");	\
	}								\
	return test_harness_run(argc, argv);				\
}

#endif /* VPI_TEST_H */
