// SPDX-License-Identifier: MIT
/*
 * Figure 12: how long until another kernel thread runs, and how that is
 * distributed.
 *
 *	latency 12 COUNT blocked|futex
 *
 * blocked: from the moment before a VP blocks in read() to the moment when a
 * registered VP has BLOCKED. futex: from the moment before a thread wakes
 * another one, and then sleeps, to the moment when that one runs.
 */
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <vpi.h>

#include "measure.h"

#define WARM_UP	200

static long count;		/* with the warm-up */
static uint64_t *samples;
static long taken;
static uint64_t before;		/* written by who blocks or wakes */
static sem_t ended;

static void take(void)
{
	uint64_t now = nanoseconds();

	samples[taken++] = now - __atomic_load_n(&before, __ATOMIC_ACQUIRE);
}

static void begin(void)
{
	__atomic_store_n(&before, nanoseconds(), __ATOMIC_RELEASE);
}

/* ---- A VP that blocks ------------------------------------------------------- */

static int fd;

static void blocks(vpi_user_data_t *ud)
{
	uint64_t value;

	(void)ud;
	vpi_noupcall_clear();
	for (long i = 0; i < count; i++) {
		while (!vpi_get_registered_count())
			sched_yield();
		begin();
		check(read(fd, &value, 8) == 8, "read");
	}
	vpi_noupcall_set();
	sem_post(&ended);
}

/* BLOCKED alone is wanted, so that the other one comes back by itself. */
static void carrier(vpi_user_data_t *ud)
{
	uint64_t one = 1;

	while (!vpi_is_finishing()) {
		if (vpi_kernel_register(ud) || ud->type != VPI_BLOCKED)
			continue;
		take();
		check(write(fd, &one, 8) == 8, "write");
	}
}

static void measure_blocks(void)
{
	struct vpi_init_options init = {
		.vpcount = 1,
		.vpmem = carrier,
		.mask = VPI_BLOCKED,
		.flags = VPI_ATTACH_SYSTEM,
	};

	fd = eventfd(0, 0);
	sem_init(&ended, 0, 0);
	check(!vpi_init_with(&init), "vpi_init: a kernel with VPI is needed");
	check(!vpi_create(blocks), "vpi_create");
	sem_wait(&ended);
	check(!vpi_finish(0), "vpi_finish");
}

/* ---- Two threads that hand over ---------------------------------------------- */

static uint32_t turn;

static void wait_for(uint32_t mine)
{
	while (__atomic_load_n(&turn, __ATOMIC_SEQ_CST) != mine)
		syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, !mine, NULL);
}

static void hand_over(uint32_t to)
{
	__atomic_store_n(&turn, to, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1);
}

static void *other(void *unused)
{
	for (long i = 0; i < count; i++) {
		wait_for(1);
		take();
		hand_over(0);
	}
	return unused;
}

static void measure_futex(void)
{
	pthread_t thread;

	check(!pthread_create(&thread, NULL, other, NULL), "pthread_create");
	for (long i = 0; i < count; i++) {
		begin();
		hand_over(1);
		wait_for(0);
	}
	pthread_join(thread, NULL);
}

/* ---- What has come out --------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* As bench/workloads/quantiles.ts. */
static void report(const char *row, uint64_t *all, long n)
{
	static const int shares[] = { 10, 50, 100, 250, 500, 750, 900, 950, 990, 999 };
	uint64_t sum = 0;

	for (long i = 0; i < n; i++)
		sum += all[i];
	qsort(all, n, sizeof(*all), by_value);
	printf("{\"figure\":12,\"row\":\"%s\",\"count\":%ld,\"nanoseconds\":%llu,\"quantiles\":[",
	       row, n, (unsigned long long)sum);
	for (size_t i = 0; i < sizeof(shares) / sizeof(*shares); i++)
		printf("%s[%g,%llu]", i ? "," : "", shares[i] / 1000.0,
		       (unsigned long long)all[(shares[i] * n + 999) / 1000 - 1]);
	printf("]}\n");
}

int main(int argc, char **argv)
{
	int futex = argc == 4 && !strcmp(argv[3], "futex");

	if (argc != 4 || strcmp(argv[1], "12") || atol(argv[2]) < 1 ||
	    (!futex && strcmp(argv[3], "blocked"))) {
		fprintf(stderr, "usage: %s 12 COUNT blocked|futex\n", argv[0]);
		return 2;
	}
	count = WARM_UP + atol(argv[2]);
	samples = calloc(count, sizeof(*samples));
	check(samples != NULL, "calloc");
	if (futex)
		measure_futex();
	else
		measure_blocks();
	check(taken == count, "each was seen once");
	report(futex ? "nptl" : "libvpi-blocked", samples + WARM_UP, count - WARM_UP);
	return 0;
}
