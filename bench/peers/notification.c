// SPDX-License-Identifier: MIT
/*
 * Figures 8 and 9 on libvpi alone: what notifications cost.
 *
 *	notification 8|9 ROUNDS BLOCKS kernel|none|blocked|both
 *
 * Each of 1 (figure 8) or 16 (9) VPs computes for ROUNDS rounds and blocks in
 * read(), BLOCKS times all together; a kernel thread of its own, which is no
 * VP, unblocks it each time. The work is the same whatever the mask. `kernel`:
 * the same on threads that are no VPs.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <vpi.h>

#include "measure.h"
#include "partner.h"

static struct pair pairs[MAX_PAIRS], others[MAX_PAIRS];
static int pair_count;
static atomic_long slept;		/* times that one of them has slept, held or blocked */
static long blocked;			/* blocks that BLOCKED was made of */
static long rounds;
static sem_t come, ended;
static pthread_barrier_t begin;		/* who computes, and main */

static void compute(void)
{
	uint32_t x = 1;

	for (long i = 0; i < rounds; i++) {
		x = x * 48271 + i;
		__asm__ volatile("" : "+r"(x));
	}
}

/* What one block's computing takes alone: the least of some tries. */
static uint64_t compute_time(void)
{
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < 10; i++) {
		uint64_t start = nanoseconds(), time;

		compute();
		time = nanoseconds() - start;
		if (time < least)
			least = time;
	}
	return least;
}

static void compute_and_block(struct pair *p)
{
	struct rusage before, after;

	getrusage(RUSAGE_THREAD, &before);
	for (long i = 0; i < p->blocks; i++) {
		compute();
		give(p->to);
		take(p->from);
	}
	getrusage(RUSAGE_THREAD, &after);
	slept += after.ru_nvcsw - before.ru_nvcsw;
}

static void await_all(sem_t *each)
{
	for (int i = 0; i < pair_count; i++)
		sem_wait(each);
}

/*
 * When all have come, and before any may begin: who waits for the barrier with
 * them is late, by as long as the others run first.
 */
static uint64_t begin_all(void)
{
	uint64_t start;

	await_all(&come);
	start = nanoseconds();
	pthread_barrier_wait(&begin);
	return start;
}

static void wait_for_begin(void)
{
	sem_post(&come);
	pthread_barrier_wait(&begin);
}

/* ---- On kernel threads ------------------------------------------------------- */

static void *kernel_thread(void *arg)
{
	wait_for_begin();
	compute_and_block(arg);
	sem_post(&ended);
	return NULL;
}

static uint64_t on_kernel_threads(void)
{
	pthread_t threads[MAX_PAIRS];
	uint64_t start;

	for (int i = 0; i < pair_count; i++)
		check(!pthread_create(&threads[i], NULL, kernel_thread, &pairs[i]),
		      "pthread_create");
	start = begin_all();
	await_all(&ended);
	start = nanoseconds() - start;
	for (int i = 0; i < pair_count; i++)
		pthread_join(threads[i], NULL);
	return start;
}

/* ---- On VPs --------------------------------------------------------------------- */

static void worker(vpi_user_data_t *ud)
{
	struct pair *p = ud->data;

	wait_for_begin();
	vpi_noupcall_clear();
	compute_and_block(p);
	vpi_noupcall_set();
	sem_post(&ended);
}

/* Carries the upcalls. It has no thread to run meanwhile: the work is the VPs'. */
static void carrier(vpi_user_data_t *ud)
{
	int result = vpi_kernel_register(ud);

	while (!vpi_is_finishing()) {
		if (!result && ud->type == VPI_UNBLOCKED)
			result = vpi_kernel_resume_register(ud);
		else
			result = vpi_kernel_register(ud);
	}
}

static long kernel_blocks(void)
{
	struct vpi_status status;

	check(!vpi_kernel_status_of(NULL, &status), "vpi_kernel_status_of");
	return status.blocks;
}

static uint64_t on_vps(int mask)
{
	struct vpi_init_options init = {
		/* One more than can carry BLOCKED at the same time. */
		.vpcount = 1 + vpi_get_cpu_count(),
		.vpmem = carrier,
		.mask = mask,
		.target = vpi_get_cpu_count(),
		.flags = VPI_ATTACH_SYSTEM,
	};
	uint64_t start;

	check(!vpi_init_with(&init), "vpi_init: a kernel with VPI is needed");
	for (int i = 0; i < pair_count; i++) {
		struct vpi_create_options options = { .data = &pairs[i] };

		check(!vpi_create_with(worker, &options), "vpi_create");
	}
	blocked = -kernel_blocks();
	start = begin_all();
	await_all(&ended);
	start = nanoseconds() - start;
	blocked += kernel_blocks();
	check(!vpi_finish(0), "vpi_finish");
	return start;
}

static int usage(const char *name)
{
	fprintf(stderr, "usage: %s 8|9 ROUNDS BLOCKS kernel|none|blocked|both\n", name);
	return 2;
}

int main(int argc, char **argv)
{
	static const struct {
		const char	*name, *row;
		int		mask;
	} masks[] = {
		{ "kernel", "kernel", -1 }, { "none", "libvpi-none", 0 },
		{ "blocked", "libvpi-blocked", VPI_BLOCKED },
		{ "both", "libvpi-both", VPI_BLOCKED | VPI_UNBLOCKED },
	};
	uint64_t time, alone;
	int figure, m = 0;
	long blocks;

	if (argc != 5)
		return usage(argv[0]);
	figure = atoi(argv[1]);
	rounds = atol(argv[2]);
	blocks = atol(argv[3]);
	while (m < 4 && strcmp(masks[m].name, argv[4]))
		m++;
	if ((figure != 8 && figure != 9) || rounds < 1 || blocks < 1 || m == 4)
		return usage(argv[0]);

	alone = compute_time();
	pair_count = figure == 8 ? 1 : MAX_PAIRS;
	sem_init(&come, 0, 0);
	sem_init(&ended, 0, 0);
	pthread_barrier_init(&begin, NULL, pair_count + 1);
	blocks = (blocks + pair_count - 1) / pair_count;
	for (int i = 0; i < pair_count; i++) {
		int request[2], answer[2];

		check(!pipe(request) && !pipe(answer), "pipe");
		pairs[i] = (struct pair){ answer[0], request[1], blocks };
		others[i] = (struct pair){ request[0], answer[1], blocks };
	}
	start_partners(others, pair_count);
	time = masks[m].mask < 0 ? on_kernel_threads() : on_vps(masks[m].mask);
	join_partners();
	blocks *= pair_count;
	if (masks[m].mask <= 0)
		blocked = slept;
	/* A partner on another CPU may be faster. */
	check(vpi_get_cpu_count() > 1 || 4 * blocked >= 3 * blocks,
	      "a read() has found its answer");
	printf("{\"figure\":%d,\"row\":\"%s\",\"count\":%ld,\"nanoseconds\":%llu,\"rounds\":%ld,\"compute\":%llu}\n",
	       figure, masks[m].row, blocks,
	       (unsigned long long)time, rounds, (unsigned long long)alone);
	return 0;
}
