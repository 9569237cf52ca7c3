// SPDX-License-Identifier: GPL-2.0
/*
 * Does the hold hold? Workers block and are woken again and again; an oracle
 * sees every instruction that a worker runs before it is allowed to.
 *
 *	hold_stress [-n cycles] [-s seed]
 *
 * A cycle is block, BLOCKED, wake-up, UNBLOCKED, resume. The oracle:
 *
 * - The instruction after a worker's system call adds one to its heartbeat.
 *   Whoever receives UNBLOCKED finds the heartbeat as it was when the call
 *   began, waits for a while of random length, and finds it so again.
 * - Only then it says "allowed = seq", and resumes. A worker that comes back
 *   from a block that somebody was told about looks for that word: no word,
 *   and it runs although nobody resumed it.
 * - Of each worker, UNBLOCKED has ever greater sequence numbers; in the end it
 *   was sent once for each BLOCKED; and the kernel's counters agree.
 *
 * Nobody is ever left without an active or registered VP, so the kernel never
 * has a reason to let a worker go by itself.
 */
#include "vpi_test.h"
#include "../kselftest.h"
#include "vpi_random.h"

#define MAX_WORKERS	16
#define MAX_CARRIERS	8
#define MAX_WAKERS	2
#define LEAVE		0xdeadULL	/* RESUMED with this: the carrier ends */

/* What this program itself does wrong, for the oracle to notice. */
enum flaw {
	FLAWLESS,
	NOT_HELD,		/* workers do not ask for UNBLOCKED */
	RESUMED_EARLY,		/* carriers resume before they allow it */
};

struct variant {
	const char *name;
	unsigned int workers;
	unsigned int carriers;
	unsigned int wakers;
	__u32 target;
	bool signals;
	enum flaw flaw;
};

static const struct variant variants[] = {
	{ "one worker, one carrier", 1, 1, 1, 0, false, FLAWLESS },
	{ "several of both", 4, 3, 2, 0, false, FLAWLESS },
	{ "many workers, few carriers", 16, 2, 2, 0, false, FLAWLESS },
	{ "with a target", 4, 2, 2, 1, false, FLAWLESS },
	{ "with signals", 4, 3, 2, 0, true, FLAWLESS },
};

#define NR_VARIANTS	ARRAY_SIZE(variants)

static const struct variant flawed[] = {
	{ "the oracle sees a worker that is not held",
	  2, 2, 1, 0, false, NOT_HELD },
	{ "the oracle sees a worker that is resumed too early",
	  2, 2, 1, 0, false, RESUMED_EARLY },
};

#define NR_FLAWED	ARRAY_SIZE(flawed)

struct worker {
	/* The worker's own. */
	uint64_t heartbeat;
	uint64_t entry;		/* the heartbeat as the system call began */
	uint32_t armed;		/* number of the byte it waits for */
	uint32_t by_carrier;	/* ... which a carrier is to write */
	/* The wakers' and carriers'. */
	uint32_t served;	/* number of the byte that was written last */
	uint64_t seen;		/* greatest seq of a BLOCKED */
	uint64_t allowed;	/* seq of the last UNBLOCKED that was resumed */
	uint64_t blocked_events, blocked_sum;
	uint64_t unblocked_events, unblocked_sum;

	struct vpi_attach attach;
	struct vpi_vp_page *word;
	pthread_t thread;
	pid_t tid;
	int fds[2];
	uint64_t seed;
} __attribute__((aligned(128)));

struct carrier {
	struct vpi_attach attach;
	pthread_t thread;
	pid_t tid;
	uint64_t seed;
};

static struct worker workers[MAX_WORKERS];
static struct carrier carriers[MAX_CARRIERS];
static const struct variant *variant;
static unsigned long wanted;		/* cycles */
static unsigned long cycles;
static uint64_t seed = 1;
static uint32_t ready;			/* VPs attached */
static uint32_t work;			/* futex: for the wakers */
static uint32_t stop_workers, stop_wakers;
static unsigned long handled;

static uint64_t get(const uint64_t *word)
{
	return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

static void put(uint64_t *word, uint64_t value)
{
	__atomic_store_n(word, value, __ATOMIC_SEQ_CST);
}

static void put_max(uint64_t *word, uint64_t value)
{
	uint64_t old = get(word);

	while (old < value &&
	       !__atomic_compare_exchange_n(word, &old, value, false,
					    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		;
}

static void add(uint64_t *word, uint64_t value)
{
	__atomic_add_fetch(word, value, __ATOMIC_SEQ_CST);
}

/* --- Workers ---------------------------------------------------------------- */

/* read(fd, byte, 1), and nothing between its return and the heartbeat. */
static long read_and_beat(int fd, char *byte, uint64_t *heartbeat)
{
#ifdef __x86_64__
	long ret;

	asm volatile("syscall\n\t"
		     "incq %[heartbeat]"
		     : "=a" (ret), [heartbeat] "+m" (*heartbeat)
		     : "0" ((long)SYS_read), "D" ((long)fd), "S" (byte),
		       "d" (1L)
		     : "rcx", "r11", "cc", "memory");
	return ret;
#else
	long ret = read(fd, byte, 1);

	++*heartbeat;
	return ret < 0 ? -errno : ret;
#endif
}

static void look_for_permission(struct worker *w)
{
	uint64_t seen = get(&w->seen), allowed = get(&w->allowed);

	if (seen > allowed)
		die("worker %d runs after block %llu; allowed: %llu",
		    w->tid, (unsigned long long)seen,
		    (unsigned long long)allowed);
}

static void *worker_thread(void *arg)
{
	struct worker *w = arg;
	char byte;
	long ret;

	w->tid = gettid();
	if (attach_self(&w->attach, VPI_ATTACH_NOFAULT,
			variant->flaw == NOT_HELD ? VPI_BLOCKED : BLOCK_MASKS))
		die("attach of a worker");
	w->word = vpi_word(&w->attach);
	__atomic_add_fetch(&ready, 1, __ATOMIC_SEQ_CST);
	futex_await(&work, 0);

	__atomic_and_fetch(&w->word->flags, ~VPI_NOUPCALL, __ATOMIC_SEQ_CST);
	while (!load(&stop_workers)) {
		w->word->cookie = w->armed + 1;
		store(&w->by_carrier, random_below(&w->seed, 2));
		store(&w->armed, w->armed + 1);
		if (!w->by_carrier) {
			__atomic_add_fetch(&work, 1, __ATOMIC_SEQ_CST);
			futex(&work, FUTEX_WAKE, 1);
		}
		do {
			put(&w->entry, w->heartbeat);
			ret = read_and_beat(w->fds[0], &byte, &w->heartbeat);
			look_for_permission(w);
		} while (ret == -EINTR);
		if (ret != 1)
			die("read: %ld", ret);
	}
	__atomic_or_fetch(&w->word->flags, VPI_NOUPCALL, __ATOMIC_SEQ_CST);
	return NULL;
}

/* --- Wakers ------------------------------------------------------------------- */

/* Writes the byte that @w waits for, if nobody has. */
static bool serve(struct worker *w)
{
	uint32_t armed = load(&w->armed), served = armed - 1;

	if (!__atomic_compare_exchange_n(&w->served, &served, armed, false,
					 __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		return false;
	put_byte(w->fds[1]);
	return true;
}

/* Plain threads, not VPs: nobody hears of their sleeps. */
static void *waker_thread(void *arg)
{
	uint64_t random = (uintptr_t)arg;
	unsigned int i, n = variant->workers;
	uint32_t before;
	bool any;

	while (!load(&stop_wakers)) {
		before = load(&work);
		any = false;
		spin(random_below(&random, 2000));
		i = random_below(&random, n);
		for (unsigned int j = 0; j < n; j++) {
			struct worker *w = &workers[(i + j) % n];

			if (!load(&w->by_carrier))
				any |= serve(w);
		}
		if (!any)
			futex_await(&work, before);
	}
	return NULL;
}

/* --- Carriers ----------------------------------------------------------------- */

static struct worker *worker_of(__u64 handle)
{
	unsigned int i;

	for (i = 0; i < variant->workers; i++)
		if (workers[i].attach.handle == handle)
			return &workers[i];
	die("event about %#llx, which is no worker", handle);
}

static void blocked(struct carrier *c, const struct vpi_event *e)
{
	struct worker *w = worker_of(e->vp);

	put_max(&w->seen, e->seq);
	add(&w->blocked_events, 1);
	add(&w->blocked_sum, e->seq);
	/* The block may be over long ago, and another byte be waited for. */
	if (load(&w->by_carrier) && e->cookie == load(&w->armed))
		serve(w);
}

static void expect_still(struct worker *w, const struct vpi_event *e)
{
	uint64_t heartbeat = get(&w->heartbeat), entry = get(&w->entry);

	if (heartbeat != entry)
		die("worker %d ran while held after block %llu: heartbeat %llu, was %llu",
		    w->tid, e->seq, (unsigned long long)heartbeat,
		    (unsigned long long)entry);
}

static void linger(struct carrier *c)
{
	switch (random_below(&c->seed, 64)) {
	case 0:
		nap_ns(random_below(&c->seed, 100000));
		break;
	case 1 ... 8:
		sched_yield();
		break;
	case 9 ... 24:
		spin(random_below(&c->seed, 1000));
		break;
	default:
		break;
	}
}

/* The worker is held: look, wait, look again, and allow it to go on. */
static void unblocked(struct carrier *c, const struct vpi_event *e)
{
	struct worker *w = worker_of(e->vp);

	if (e->seq <= get(&w->allowed))
		die("UNBLOCKED %llu twice, or out of order", e->seq);
	if (variant->flaw == RESUMED_EARLY)
		vpi_resume(e->vp, e->seq, 0, 0);
	else if (e->cookie != load(&w->armed))
		die("UNBLOCKED with cookie %llu, not %u", e->cookie, w->armed);
	expect_still(w, e);
	linger(c);
	expect_still(w, e);
	add(&w->unblocked_events, 1);
	add(&w->unblocked_sum, e->seq);
	put(&w->allowed, e->seq);
	__atomic_add_fetch(&cycles, 1, __ATOMIC_SEQ_CST);
}

static __s64 some_deadline(struct carrier *c)
{
	switch (random_below(&c->seed, 16)) {
	case 0:
		return 0;
	case 1:
		return now_ns() + random_below(&c->seed, 200000);
	default:
		return VPI_NO_DEADLINE;
	}
}

/* The next event; after UNBLOCKED, that worker is resumed before, or by the same call. */
static int next_event(struct carrier *c, struct vpi_event *e)
{
	unsigned int flags = 0;
	__u64 vp = e->vp, seq = e->seq;

	if (e->type == VPI_UNBLOCKED) {
		if (random_below(&c->seed, 2))
			flags = VPI_REGISTER_RESUME;
		else if (vpi_resume(vp, seq, 0, 0))
			die("resume of %#llx after %llu", vp, seq);
	}
	e->arg = 0;
	if (!vpi_register(e, sizeof(*e), some_deadline(c), flags))
		return 0;
	if (errno != EINTR && errno != ETIMEDOUT)
		die("register");
	e->type = 0;
	return -1;
}

static void *carrier_thread(void *arg)
{
	struct carrier *c = arg;
	struct vpi_event e = {};

	c->tid = gettid();
	if (attach_self(&c->attach, VPI_ATTACH_NOFAULT, BLOCK_MASKS))
		die("attach of a carrier");
	__atomic_add_fetch(&ready, 1, __ATOMIC_SEQ_CST);
	for (;;) {
		if (next_event(c, &e))
			continue;
		switch (e.type) {
		case VPI_BLOCKED:
			blocked(c, &e);
			break;
		case VPI_UNBLOCKED:
			unblocked(c, &e);
			break;
		default:
			CHECK(e.type == VPI_RESUMED && e.arg == LEAVE);
			return NULL;
		}
	}
}

/* --- Signals -------------------------------------------------------------------- */

static void on_signal(int sig)
{
	__atomic_add_fetch(&handled, 1, __ATOMIC_RELAXED);
	getppid();
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	CHECK(!sigaction(SIGUSR1, &action, NULL));
	action.sa_flags = SA_RESTART;
	CHECK(!sigaction(SIGUSR2, &action, NULL));
}

static void throw_a_signal(uint64_t *random)
{
	unsigned int i = random_below(random, variant->workers +
					      variant->carriers);
	pid_t tid = i < variant->workers ?
		    workers[i].tid : carriers[i - variant->workers].tid;

	syscall(SYS_tgkill, getpid(), tid,
		random_below(random, 2) ? SIGUSR1 : SIGUSR2);
}

/* --- The main thread ---------------------------------------------------------------- */

/* Waits until there were enough cycles; the watchdog sees that they go on. */
static void watch(void)
{
	unsigned long last = 0, now;
	uint64_t random = seed;

	while ((now = __atomic_load_n(&cycles, __ATOMIC_SEQ_CST)) < wanted) {
		if (now != last)
			watchdog(PATIENCE_SECONDS);
		last = now;
		if (variant->signals) {
			throw_a_signal(&random);
			nap_ns(random_below(&random, 300000));
		} else {
			nap_ns(10000000);
		}
	}
}

static void check_worker(const struct worker *w)
{
	if (w->blocked_events != w->unblocked_events ||
	    w->blocked_sum != w->unblocked_sum)
		die("worker %d: %llu BLOCKED, %llu UNBLOCKED, or not of the same blocks",
		    w->tid, (unsigned long long)w->blocked_events,
		    (unsigned long long)w->unblocked_events);
}

/* Everybody has left: the kernel's books balance, and agree with ours. */
static void check_counters(void)
{
	struct vpi_status s = status_now();
	uint64_t resumed = 0;
	unsigned int i;

	for (i = 0; i < variant->workers; i++) {
		check_worker(&workers[i]);
		resumed += workers[i].unblocked_events;
	}
	CHECK(s.blocks == s.seen + s.cancels);
	CHECK(s.seen == s.unblocked);
	CHECK(s.released == 0 && s.exits == 0 && s.auto_resumes == 0);
	CHECK(s.resumes == s.unblocked);
	CHECK(s.resumes == resumed && resumed == cycles);
	CHECK(s.queued == 0);
	CHECK(s.count[VPI_WAITRESUME] == 0 && s.count[VPI_BLOCKED_STATE] == 0);
	ksft_print_msg("%llu blocks, %llu cancelled, %llu handlers while held\n",
		       s.blocks, s.cancels, s.signals);
}

static void start(pthread_t wakers[])
{
	unsigned int i;

	memset(workers, 0, sizeof(workers));
	memset(carriers, 0, sizeof(carriers));
	cycles = 0;
	handled = 0;
	store(&ready, 0);
	store(&work, 0);
	store(&stop_workers, 0);
	store(&stop_wakers, 0);
	controller_start(variant->target);
	for (i = 0; i < variant->carriers; i++) {
		carriers[i].seed = seed * 1000 + 100 + i;
		CHECK(!pthread_create(&carriers[i].thread, NULL, carrier_thread,
				      &carriers[i]));
	}
	for (i = 0; i < variant->workers; i++) {
		workers[i].seed = seed * 1000 + i;
		CHECK(!pipe(workers[i].fds));
		CHECK(!pthread_create(&workers[i].thread, NULL, worker_thread,
				      &workers[i]));
	}
	WAIT_FOR(load(&ready) == variant->workers + variant->carriers);
	for (i = 0; i < variant->wakers; i++)
		CHECK(!pthread_create(&wakers[i], NULL, waker_thread,
				      (void *)(uintptr_t)(seed * 1000 + 200 + i)));
	store(&work, 1);
	futex(&work, FUTEX_WAKE, INT_MAX);
}

static void finish(pthread_t wakers[])
{
	unsigned int i;

	store(&stop_workers, 1);
	for (i = 0; i < variant->workers; i++)
		CHECK(!pthread_join(workers[i].thread, NULL));
	store(&stop_wakers, 1);
	__atomic_add_fetch(&work, 1, __ATOMIC_SEQ_CST);
	futex(&work, FUTEX_WAKE, INT_MAX);
	for (i = 0; i < variant->wakers; i++)
		CHECK(!pthread_join(wakers[i], NULL));
	for (i = 0; i < variant->carriers; i++)
		CHECK(!vpi_resume(VPI_ANY_VP, VPI_SEQ_ANY, LEAVE, 0));
	for (i = 0; i < variant->carriers; i++)
		CHECK(!pthread_join(carriers[i].thread, NULL));
	for (i = 0; i < variant->workers; i++) {
		close(workers[i].fds[0]);
		close(workers[i].fds[1]);
	}
}

static void run(void)
{
	pthread_t wakers[MAX_WAKERS];
	__s64 began, ms;

	watchdog(PATIENCE_SECONDS);
	start(wakers);
	began = now_ns();
	watch();
	ms = (now_ns() - began) / 1000000 + 1;
	watchdog(PATIENCE_SECONDS);
	finish(wakers);
	check_counters();
	if (variant->signals && !handled)
		die("no signal was handled");
	ksft_print_msg("%lu cycles in %lld ms: %lld per second\n", cycles,
		       (long long)ms, (long long)(cycles * 1000 / ms));
	CHECK(!vpi_detach(0));
}

/* Run with a flaw, this program must not come to a good end. */
static void run_flawed(void)
{
	int wstatus;
	pid_t child = fork();

	CHECK(child >= 0);
	if (!child) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(1);
		run();
		_exit(0);
	}
	CHECK(waitpid(child, &wstatus, 0) == child);
	ksft_test_result(WIFSIGNALED(wstatus) && WTERMSIG(wstatus) == SIGABRT,
			 "%s\n", variant->name);
}

int main(int argc, char **argv)
{
	unsigned long total = scaled(50000);
	unsigned int i;
	int opt;

	while ((opt = getopt(argc, argv, "n:s:")) != -1) {
		if (opt == 'n')
			total = strtoul(optarg, NULL, 0);
		else if (opt == 's')
			seed = strtoull(optarg, NULL, 0);
		else
			ksft_exit_fail_msg("usage: %s [-n cycles] [-s seed]\n",
					   argv[0]);
	}
	ksft_print_header();
	if (vpi_missing())
		ksft_exit_skip("this kernel has no CONFIG_SCHEDVPI\n");
	ksft_set_plan(NR_VARIANTS + NR_FLAWED);
	ksft_print_msg("%lu cycles, seed %llu, %ld CPUs\n", total,
		       (unsigned long long)seed,
		       sysconf(_SC_NPROCESSORS_ONLN));
	catch_signals();
	wanted = total / NR_VARIANTS;
	for (i = 0; i < NR_VARIANTS; i++) {
		variant = &variants[i];
		run();
		ksft_test_result_pass("%s\n", variant->name);
	}
	for (i = 0; i < NR_FLAWED; i++) {
		variant = &flawed[i];
		run_flawed();
	}
	ksft_finished();
}
