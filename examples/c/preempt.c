/*
 * What PREEMPT is good for. More programs than CPUs: the owner of a lock loses its CPU to one that has nothing to do with
 * it, and who spins for the lock spins in vain. Told of the preemption, it sleeps instead, and the owner can have its CPU.
 */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>
#include "preempt-lock.h"

#define WORKERS	2
#define MS	1000000L

static struct preempt_lock lock;
static unsigned long sections;		/* that the lock guards */
static long rounds = 50;

struct worker {
	struct waiter waiter;
	long waited;			/* CPU time, in ns */
};

static struct worker workers[WORKERS];
static struct waiter master;
static atomic_int running;

static long clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000000000L + ts.tv_nsec;
}

static void compute(long ns)
{
	long end = clock_ns(CLOCK_THREAD_CPUTIME_ID) + ns;

	while (clock_ns(CLOCK_THREAD_CPUTIME_ID) < end)
		;
}

static void work(vpi_user_data_t *ud)	/* on a VP of its own */
{
	struct worker *me = ud->data;
	long before;

	me->waiter = (struct waiter) { .vp = vpi_get_vp() };
	me->waited = 0;
	for (long i = 0; i < rounds; i++) {
		before = clock_ns(CLOCK_THREAD_CPUTIME_ID);
		preempt_lock_acquire(&lock, &me->waiter);
		me->waited += clock_ns(CLOCK_THREAD_CPUTIME_ID) - before;
		compute(5 * MS);
		sections++;
		preempt_lock_release(&lock);
		compute(1 * MS);
	}
	if (atomic_fetch_sub(&running, 1) == 1)
		wake(&master);
}

static void run(const char *name, int mask)
{
	long begin = clock_ns(CLOCK_MONOTONIC), waited = 0;
	unsigned long sleeps = 0;

	vpi_kernel_mode_all(mask);
	preempt_lock_init(&lock);
	sections = 0;
	master = (struct waiter) { .vp = vpi_get_vp() };
	atomic_store(&running, WORKERS);
	for (int i = 0; i < WORKERS; i++) {
		struct vpi_create_options options = { .data = &workers[i] };

		if (vpi_create_with(work, &options) < 0)
			exit(1);
	}
	sleep_until_woken(&lock, &master);
	for (int i = 0; i < WORKERS; i++) {
		waited += workers[i].waited;
		sleeps += workers[i].waiter.sleeps;
	}
	printf("%-12s %lu sections in %5.0f ms, %5.0f ms of CPU time to wait for the lock, %lu times asleep\n", name, sections,
	       (double)(clock_ns(CLOCK_MONOTONIC) - begin) / MS, (double)waited / MS, sleeps);
}

/* A process of its own, which ends with this one. */
static pid_t start_hog(void)
{
	pid_t child = fork();

	if (child)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		;
}

int main(int argc, char **argv)
{
	int ret, hogs = vpi_get_cpu_count();
	pid_t hog[hogs];

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 1)
		rounds = atol(argv[1]);
	ret = vpi_init(0, NULL, NULL, NULL, 0);
	if (ret) {
		fprintf(stderr, "preempt: error %d (38: a kernel without VPI; try: npx vpi run)\n", -ret);
		return 1;
	}
	for (int i = 0; i < hogs; i++)
		hog[i] = start_hog();
	run("not told:", 0);
	run("PREEMPT:", VPI_PREEMPT);
	for (int i = 0; i < hogs; i++)
		kill(hog[i], SIGKILL);
	return vpi_finish(0);
}
