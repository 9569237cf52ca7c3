// SPDX-License-Identifier: GPL-2.0
/*
 * Everything at once: workers sleep in many ways, change their masks, die and
 * are replaced; carriers resume whom they are told about; the main thread
 * throws signals, stops the process, and resumes whomever it likes.
 *
 *	vpi_stress [-n operations] [-s seed]
 *
 * From time to time all is brought to rest. Then the kernel's counters must
 * add up, nobody may be blocked or held, and of each worker's blocks
 *
 * - BLOCKED and UNBLOCKED have each been delivered at most once,
 * - UNBLOCKED only if BLOCKED was, unless the worker did not want that.
 *
 * Two VPs may process a worker's BLOCKED and UNBLOCKED in either order, so
 * nothing is said about that before the rest.
 */
#include "vpi_test.h"
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include "../kselftest.h"
#include "vpi_random.h"
#include "vpi_stopper.h"

#define MAX_WORKERS	12
#define MAX_CARRIERS	4
#define RESTS		5		/* per variant */
#define MAX_BLOCKS	8192		/* of one worker in its life */
#define LEAVE		0xdeadULL

struct variant {
	const char *name;
	unsigned int workers;
	unsigned int carriers;
	__u32 target;
};

static const struct variant variants[] = {
	{ "carriers at hand", 8, 3, 0 },
	{ "a target", 6, 3, 2 },
	{ "one carrier", 12, 1, 0 },
	{ "no carrier: the kernel lets one go", 6, 0, 0 },
};

#define NR_VARIANTS	ARRAY_SIZE(variants)

/* One life of a worker: what was delivered about it, by sequence number. */
struct life {
	uint64_t handle;
	uint64_t blocked[MAX_BLOCKS / 64];
	uint64_t unblocked[MAX_BLOCKS / 64];
	uint64_t unasked[MAX_BLOCKS / 64];	/* ... that did not want BLOCKED */
};

struct worker {
	struct life *life;
	struct vpi_attach attach;
	struct vpi_vp_page *word;
	uint64_t random;
	pthread_t thread;
	pid_t tid;
	unsigned long left;	/* operations until it ends */
	uint32_t wants;		/* a byte in its pipe */
	uint32_t parked;	/* number of the rest that it takes part in */
	uint32_t attached;
	uint32_t dead;
} __attribute__((aligned(128)));

struct carrier {
	uint64_t random;
	pthread_t thread;
};

static struct worker workers[MAX_WORKERS];
static int pipes[MAX_WORKERS][2];	/* of each worker, and its successors */
static struct carrier carriers[MAX_CARRIERS];
static struct life *lives;		/* of this variant, by number */
static unsigned int nr_lives, max_lives;
static const struct variant *variant;
static uint64_t seed = 1;
static unsigned long operations;	/* done by all workers */
static uint32_t rest;			/* odd: workers are to park */
static uint32_t stop_server, server_work;
static uint32_t shared_word;		/* a futex */
static int shared_event;		/* an eventfd */
static unsigned long killed;
static unsigned long preempts;		/* delivered */
static __thread struct worker *me;

/* --- What is delivered ------------------------------------------------------ */

/* A worker's cookie: the number of its life, and the mask it has just then. */
static __u64 cookie_of(unsigned int number, __u32 mask)
{
	return (__u64)number << 8 | mask;
}

static void mark(uint64_t *bits, __u64 seq, const char *what)
{
	uint64_t bit = 1ULL << seq % 64;

	if (__atomic_fetch_or(&bits[seq / 64], bit, __ATOMIC_SEQ_CST) & bit)
		die("%s of block %llu was delivered twice", what, seq);
}

static struct life *life_of(const struct vpi_event *e)
{
	unsigned int number = e->cookie >> 8;

	if (number >= __atomic_load_n(&nr_lives, __ATOMIC_SEQ_CST) ||
	    lives[number].handle != e->vp)
		die("cookie %#llx is not of VP %#llx", e->cookie, e->vp);
	if (!e->seq || e->seq >= MAX_BLOCKS)
		die("block %llu of one worker", e->seq);
	return &lives[number];
}

/* After UNBLOCKED: somebody else may have been faster, or the VP may be dead. */
static void resume_after(const struct vpi_event *e)
{
	if (vpi_resume(e->vp, e->seq, 0, 0) &&
	    errno != ESTALE && errno != ESRCH)
		die("resume after block %llu", e->seq);
}

static void take_note(const struct vpi_event *e)
{
	struct life *life;

	switch (e->type) {
	case VPI_BLOCKED:
		mark(life_of(e)->blocked, e->seq, "BLOCKED");
		break;
	case VPI_UNBLOCKED:
		life = life_of(e);
		mark(life->unblocked, e->seq, "UNBLOCKED");
		if (!(e->cookie & VPI_BLOCKED))
			mark(life->unasked, e->seq, "UNBLOCKED");
		break;
	case VPI_PREEMPT:
		__atomic_add_fetch(&preempts, 1, __ATOMIC_SEQ_CST);
		break;
	case VPI_RESUMED:
	case VPI_SIGNAL:
		break;
	default:
		die("event of type %#x", e->type);
	}
}

static void upcalls(struct worker *w, bool on)
{
	if (on)
		__atomic_and_fetch(&w->word->flags, ~VPI_NOUPCALL,
				   __ATOMIC_SEQ_CST);
	else
		__atomic_or_fetch(&w->word->flags, VPI_NOUPCALL,
				  __ATOMIC_SEQ_CST);
}

/* Sometimes a signal ends a worker's thread, wherever it is. */
static void block_the_deadly_signal(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	CHECK(!pthread_sigmask(how, &set, NULL));
}

/* --- Workers' operations ----------------------------------------------------- */

static void op_pipe(struct worker *w)
{
	char byte;

	store(&w->wants, 1);
	__atomic_add_fetch(&server_work, 1, __ATOMIC_SEQ_CST);
	futex(&server_work, FUTEX_WAKE, 1);
	while (read(pipes[w - workers][0], &byte, 1) == -1)
		CHECK(errno == EINTR);
}

static void op_futex(struct worker *w)
{
	struct timespec ts = { .tv_nsec = random_below(&w->random, 300000) };

	syscall(SYS_futex, &shared_word, FUTEX_WAIT_PRIVATE, shared_word, &ts,
		NULL, 0);
	__atomic_add_fetch(&shared_word, 1, __ATOMIC_SEQ_CST);
	futex(&shared_word, FUTEX_WAKE, 1 + random_below(&w->random, 3));
}

static void op_nanosleep(struct worker *w)
{
	struct timespec ts = { .tv_nsec = random_below(&w->random, 200000) };

	nanosleep(&ts, NULL);
}

/* Several poll the same event, and one gets it: the others sleep again. */
static void op_poll(struct worker *w)
{
	struct pollfd pfd = { .fd = shared_event, .events = POLLIN };
	struct timespec ts = { .tv_nsec = random_below(&w->random, 500000) };
	uint64_t value = 1;

	if (random_below(&w->random, 2))
		(void)!write(shared_event, &value, sizeof(value));
	ppoll(&pfd, 1, &ts, NULL);
	(void)!read(shared_event, &value, sizeof(value));
}

/* Faults, and calls that all want the same lock of the address space. */
static void op_memory(struct worker *w)
{
	size_t size = 8 * getpagesize();
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	memset(p, 1, size);
	CHECK(!madvise(p, size, MADV_DONTNEED));
	CHECK(!p[size / 2]);
	CHECK(!mprotect(p, size / 2, PROT_READ));
	CHECK(!munmap(p, size));
}

static void op_mode(struct worker *w)
{
	static const __u32 masks[] = {
		VPI_MASK_ALL, VPI_MASK_ALL, BLOCK_MASKS, VPI_BLOCKED,
		VPI_UNBLOCKED, 0,
	};
	__u32 mask = masks[random_below(&w->random, 6)];

	/* No block in between, in a signal or a fault: its cookie would lie. */
	upcalls(w, false);
	CHECK(vpi_mode(mask, 0) >= 0);
	w->word->cookie = cookie_of(w->life - lives, mask);
	upcalls(w, true);
}

static void op_resume_any(struct worker *w)
{
	if (!variant->carriers)
		return;
	if (vpi_resume(VPI_ANY_VP, VPI_SEQ_ANY, 0, 0) && errno != ENOBUFS)
		die("resume any");
}

/* An active VP looks at the queue. */
static void op_fetch(struct worker *w)
{
	struct vpi_event e = {};

	/* An event must not die with us. */
	block_the_deadly_signal(SIG_BLOCK);
	if (!vpi_register(&e, sizeof(e), 0, 0)) {
		take_note(&e);
		if (e.type == VPI_UNBLOCKED)
			resume_after(&e);
		else if (e.type == VPI_RESUMED && e.arg == LEAVE)
			CHECK(!vpi_resume(VPI_ANY_VP, VPI_SEQ_ANY, LEAVE, 0));
	} else {
		CHECK(errno == ETIMEDOUT);
	}
	block_the_deadly_signal(SIG_UNBLOCK);
}

static void op_busy(struct worker *w)
{
	sched_yield();
	spin(random_below(&w->random, 3000));
}

/*
 * The system call itself: glibc's fork() takes the locks of malloc() and stdio
 * around it, which a held worker would keep from all others.
 */
static void op_fork(struct worker *w)
{
	int wstatus;
	pid_t child;

	if (random_below(&w->random, 16))
		return;
	child = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (!child)
		_exit(0);
	CHECK(child > 0);
	while (waitpid(child, &wstatus, 0) == -1)
		CHECK(errno == EINTR);
}

static void (*const ops[])(struct worker *w) = {
	op_pipe, op_pipe, op_pipe, op_futex, op_futex, op_nanosleep, op_poll,
	op_poll, op_memory, op_mode, op_resume_any, op_fetch, op_busy, op_fork,
};

#define NR_OPS	ARRAY_SIZE(ops)

static void operate(struct worker *w)
{
	void (*op)(struct worker *) = ops[random_below(&w->random, NR_OPS)];

	/* Without carriers, those who run serve those who are held. */
	if (!variant->carriers)
		op_fetch(w);
	if (random_below(&w->random, 8))
		upcalls(w, true);
	op(w);
	upcalls(w, false);
	__atomic_add_fetch(&operations, 1, __ATOMIC_SEQ_CST);
}

static void park(struct worker *w)
{
	uint32_t number = load(&rest);

	if (!(number & 1))
		return;
	store(&w->parked, number);
	futex_await(&rest, number);
}

static void on_signal(int sig)
{
	if (sig == SIGUSR2 && me) {
		__atomic_add_fetch(&killed, 1, __ATOMIC_SEQ_CST);
		store(&me->dead, 1);
		syscall(SYS_exit, 0);
	}
}

static void *worker_thread(void *arg)
{
	struct worker *w = arg;
	__u32 flags = random_below(&w->random, 2) ? VPI_ATTACH_NOFAULT : 0;

	w->tid = gettid();
	CHECK(!attach_self(&w->attach, flags, VPI_MASK_ALL));
	w->word = vpi_word(&w->attach);
	w->word->cookie = cookie_of(w->life - lives, VPI_MASK_ALL);
	w->life->handle = w->attach.handle;
	me = w;
	store(&w->attached, 1);
	block_the_deadly_signal(SIG_UNBLOCK);
	while (w->left--) {
		operate(w);
		park(w);
	}
	block_the_deadly_signal(SIG_BLOCK);
	store(&w->dead, 1);
	return NULL;
}

/* --- The server: a plain thread that writes the bytes workers wait for ------- */

static void *server_thread(void *unused)
{
	uint64_t random = seed + 17;
	uint32_t before;
	unsigned int i;

	while (!load(&stop_server)) {
		before = load(&server_work);
		spin(random_below(&random, 3000));
		for (i = 0; i < variant->workers; i++)
			if (__atomic_exchange_n(&workers[i].wants, 0,
						__ATOMIC_SEQ_CST))
				put_byte(pipes[i][1]);
		futex_await(&server_work, before);
	}
	return NULL;
}

/* --- Carriers ------------------------------------------------------------------ */

static void *carrier_thread(void *arg)
{
	struct carrier *c = arg;
	struct vpi_event e = {};
	struct vpi_attach attach;
	unsigned int flags = 0;
	__s64 deadline;

	CHECK(!attach_self(&attach, 0, VPI_MASK_ALL));
	for (;;) {
		deadline = random_below(&c->random, 8) ? VPI_NO_DEADLINE :
			   now_ns() + random_below(&c->random, 300000);
		if (!vpi_register(&e, sizeof(e), deadline, flags)) {
			take_note(&e);
			if (e.type == VPI_RESUMED && e.arg == LEAVE)
				return NULL;
		} else if (errno == EINTR || errno == ETIMEDOUT) {
			e.type = 0;
		} else if (flags && (errno == ESTALE || errno == ESRCH)) {
			e.type = 0;	/* not resumed, and not registered */
		} else {
			die("register");
		}
		/* Resume in one call with the next register, or before. */
		flags = 0;
		if (e.type == VPI_UNBLOCKED) {
			spin(random_below(&c->random, 1000));
			if (random_below(&c->random, 2))
				flags = VPI_REGISTER_RESUME;
			else
				resume_after(&e);
		}
	}
}

/* --- Chaos ------------------------------------------------------------------------ */

/* A process whose stopper has ended goes on, whenever that was. */
static void check_stopper(void)
{
	unsigned long i, n = scaled(200);
	uint64_t random = seed;
	struct stopper s;
	int wstatus;
	pid_t child;

	for (i = 0; i < n; i++) {
		child = fork();
		CHECK(child >= 0);
		if (!child) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			stopper_start(&s, 50000, 20000, seed + i);
			nap_ns(random_below(&random, 300000));
			stopper_end(&s);
			_exit(0);
		}
		WAIT_FOR(waitpid(child, &wstatus, WNOHANG) == child);
		CHECK(!wstatus);
	}
	ksft_test_result_pass("a stopper that ends leaves nobody stopped\n");
}

static void start_worker(struct worker *w, uint64_t *random)
{
	unsigned int number = nr_lives;

	if (number == max_lives)
		return;
	memset(w, 0, sizeof(*w));
	w->random = random_next(random);
	w->left = 100 + random_below(random, 900);
	w->life = &lives[number];
	__atomic_store_n(&nr_lives, number + 1, __ATOMIC_SEQ_CST);
	CHECK(!pthread_create(&w->thread, NULL, worker_thread, w));
}

static void replace_the_dead(uint64_t *random)
{
	unsigned int i;

	for (i = 0; i < variant->workers; i++) {
		if (!load(&workers[i].dead) || !workers[i].thread)
			continue;
		CHECK(!pthread_join(workers[i].thread, NULL));
		workers[i].thread = 0;
		start_worker(&workers[i], random);
	}
}

static void disturb(uint64_t *random)
{
	struct worker *w = &workers[random_below(random, variant->workers)];
	static const __u32 masks[] = { VPI_MASK_ALL, VPI_BLOCKED, 0 };

	if (!w->thread || !load(&w->attached))
		return;
	switch (random_below(random, 16)) {
	case 0 ... 5:
		syscall(SYS_tgkill, getpid(), w->tid, SIGUSR1);
		break;
	case 6:
		if (!random_below(random, 8))
			syscall(SYS_tgkill, getpid(), w->tid, SIGUSR2);
		break;
	case 7 ... 9:
		/* A worker, held or not; not the worker that it thinks. */
		vpi_resume(w->attach.handle, VPI_SEQ_ANY, 0, 0);
		break;
	case 10:
		CHECK(vpi_mode(masks[random_below(random, 3)],
			       VPI_MODE_ALL) >= 0);
		nap_ns(random_below(random, 300000));
		CHECK(vpi_mode(VPI_MASK_ALL, VPI_MODE_ALL) >= 0);
		break;
	case 11:
		kill(getpid(), SIGUSR1);
		break;
	default:
		nap_ns(random_below(random, 500000));
		break;
	}
}

/* --- Rest ------------------------------------------------------------------------- */

/*
 * Without carriers it is for us to resume who is held: all of them, because
 * any of them may have what another one waits for.
 */
static bool all_parked(void)
{
	bool all = true;
	unsigned int i;

	for (i = 0; i < variant->workers; i++) {
		struct worker *w = &workers[i];

		if (!w->thread || load(&w->dead) ||
		    load(&w->parked) == load(&rest))
			continue;
		all = false;
		if (!variant->carriers && load(&w->attached))
			vpi_resume(w->attach.handle, VPI_SEQ_ANY, 0, 0);
	}
	return all;
}

static void check_life(const struct life *life)
{
	unsigned int i;

	for (i = 0; i < MAX_BLOCKS / 64; i++) {
		uint64_t more = life->unblocked[i] & ~life->blocked[i] &
				~life->unasked[i];

		if (more)
			die("VP %#llx: UNBLOCKED without BLOCKED near block %u",
			    (unsigned long long)life->handle, i * 64);
	}
}

static void check_counters(void)
{
	struct vpi_status s = status_now();

	CHECK(s.count[VPI_BLOCKED_STATE] == 0);
	CHECK(s.count[VPI_WAITRESUME] == 0);
	CHECK(s.blocks == s.seen + s.cancels);
	CHECK(s.seen == s.unblocked + s.released + s.exits);
	/* Who was held has been resumed, or was killed meanwhile. */
	CHECK(s.unblocked >= s.resumes + s.auto_resumes);
	CHECK(s.unblocked <= s.resumes + s.auto_resumes + killed);
	CHECK(s.preempts == preempts + s.preempt_cancels);
	if (variant->carriers)
		CHECK(s.auto_resumes == 0);
}

/* Whoever was given an event has taken note of it, and registered again. */
static bool all_noted(void)
{
	struct vpi_status s = status_now();

	return !variant->carriers ||
	       (!s.queued && s.count[VPI_REGISTERED] == variant->carriers);
}

static void come_to_rest(void)
{
	unsigned int i;

	watchdog(2 * PATIENCE_SECONDS);
	__atomic_add_fetch(&rest, 1, __ATOMIC_SEQ_CST);
	WAIT_FOR(all_parked());
	/* The dead are detached when their threads are gone. */
	for (i = 0; i < variant->workers; i++)
		if (workers[i].thread && load(&workers[i].dead)) {
			CHECK(!pthread_join(workers[i].thread, NULL));
			workers[i].thread = 0;
		}
	WAIT_FOR(all_noted());
	check_counters();
	for (i = 0; i < nr_lives; i++)
		check_life(&lives[i]);
}

static void go_on(uint64_t *random)
{
	unsigned int i;

	__atomic_add_fetch(&rest, 1, __ATOMIC_SEQ_CST);
	futex(&rest, FUTEX_WAKE, INT_MAX);
	for (i = 0; i < variant->workers; i++)
		if (!workers[i].thread)
			start_worker(&workers[i], random);
}

/* --- A variant ---------------------------------------------------------------------- */

static void progress(unsigned long until, uint64_t *random)
{
	unsigned long last = 0, now;

	while ((now = __atomic_load_n(&operations, __ATOMIC_SEQ_CST)) < until &&
	       nr_lives < max_lives) {
		if (now != last)
			watchdog(PATIENCE_SECONDS);
		last = now;
		disturb(random);
		replace_the_dead(random);
	}
}

static void run(unsigned long total)
{
	uint64_t random = seed;
	struct stopper stopper;
	struct vpi_status s;
	pthread_t server;
	unsigned int i;

	/* As many lives as would do if each did a tenth of what it may. */
	max_lives = variant->workers + 16 + total / 50;
	lives = calloc(max_lives, sizeof(*lives));
	CHECK(lives);
	memset(workers, 0, sizeof(workers));
	nr_lives = 0;
	operations = 0;
	killed = 0;
	preempts = 0;
	store(&rest, 0);
	store(&stop_server, 0);
	shared_event = eventfd(0, EFD_NONBLOCK | EFD_SEMAPHORE);
	controller_start(variant->target);
	CHECK(vpi_mode(VPI_MASK_ALL, VPI_MODE_ALL) >= 0);
	for (i = 0; i < variant->carriers; i++) {
		carriers[i].random = seed + 1000 + i;
		CHECK(!pthread_create(&carriers[i].thread, NULL, carrier_thread,
				      &carriers[i]));
	}
	WAIT_FOR(status_now().count[VPI_REGISTERED] == variant->carriers);
	for (i = 0; i < variant->workers; i++) {
		CHECK(!pipe(pipes[i]));
		start_worker(&workers[i], &random);
	}
	CHECK(!pthread_create(&server, NULL, server_thread, NULL));

	stopper_start(&stopper, 50000000, 2000000, seed + 23);
	for (i = 1; i <= RESTS; i++) {
		progress(total * i / RESTS, &random);
		come_to_rest();
		if (i < RESTS)
			go_on(&random);
	}
	stopper_end(&stopper);
	s = status_now();

	/* The end: everybody leaves. */
	watchdog(PATIENCE_SECONDS);
	for (i = 0; i < variant->workers; i++)
		workers[i].left = 0;
	__atomic_add_fetch(&rest, 1, __ATOMIC_SEQ_CST);
	futex(&rest, FUTEX_WAKE, INT_MAX);
	for (i = 0; i < variant->workers; i++)
		if (workers[i].thread)
			CHECK(!pthread_join(workers[i].thread, NULL));
	store(&stop_server, 1);
	__atomic_add_fetch(&server_work, 1, __ATOMIC_SEQ_CST);
	futex(&server_work, FUTEX_WAKE, 1);
	CHECK(!pthread_join(server, NULL));
	for (i = 0; i < variant->carriers; i++)
		CHECK(!vpi_resume(VPI_ANY_VP, VPI_SEQ_ANY, LEAVE, 0));
	for (i = 0; i < variant->carriers; i++)
		CHECK(!pthread_join(carriers[i].thread, NULL));
	check_counters();
	CHECK(!vpi_detach(0));
	for (i = 0; i < variant->workers; i++) {
		close(pipes[i][0]);
		close(pipes[i][1]);
	}
	close(shared_event);
	free(lives);

	ksft_print_msg("%lu operations, %u lives, %lu killed\n", operations,
		       nr_lives, killed);
	ksft_print_msg("blocks %llu cancels %llu unblocked %llu released %llu auto %llu\n",
		       s.blocks, s.cancels, s.unblocked, s.released,
		       s.auto_resumes);
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal };
	unsigned long total = scaled(20000);
	unsigned int i;
	int opt;

	while ((opt = getopt(argc, argv, "n:s:")) != -1) {
		if (opt == 'n')
			total = strtoul(optarg, NULL, 0);
		else if (opt == 's')
			seed = strtoull(optarg, NULL, 0);
		else
			ksft_exit_fail_msg("usage: %s [-n operations] [-s seed]\n",
					   argv[0]);
	}
	ksft_print_header();
	if (vpi_missing())
		ksft_exit_skip("this kernel has no CONFIG_SCHEDVPI\n");
	ksft_set_plan(1 + NR_VARIANTS);
	ksft_print_msg("%lu operations, seed %llu, %ld CPUs\n", total,
		       (unsigned long long)seed,
		       sysconf(_SC_NPROCESSORS_ONLN));
	CHECK(!sigaction(SIGUSR1, &action, NULL));
	CHECK(!sigaction(SIGUSR2, &action, NULL));
	/* Only workers die of it, and only where they may. */
	block_the_deadly_signal(SIG_BLOCK);
	check_stopper();
	for (i = 0; i < NR_VARIANTS; i++) {
		variant = &variants[i];
		run(total / NR_VARIANTS);
		ksft_test_result_pass("%s\n", variant->name);
	}
	ksft_finished();
}
