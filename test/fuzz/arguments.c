/* Draws arguments. */
#include "arguments.h"

#include <linux/vpi.h>
#include <time.h>

#include "process.h"
#include "vpi_random.h"

bool seldom(uint64_t *random, unsigned int n)
{
	return !random_below(random, n);
}

struct lane *draw_lane(const struct lane *lane, uint64_t *random)
{
	unsigned int first = lane->process * run->threads;

	if (seldom(random, 16))
		first = random_below(random, run->processes) * run->threads;
	return &run->lane[first + random_below(random, run->threads)];
}

void *draw_pointer(const struct lane *lane, void *good, uint64_t *random)
{
	if (!seldom(random, 24))
		return good;
	switch (random_below(random, 7)) {
	case 0:
		return NULL;
	case 1:
		return (void *)0xffff888000000000ULL;
	case 2:
		return (void *)(uintptr_t)draw_pointer;
	case 3:
		return (char *)lane->page + random_below(random, 8192);
	case 4:
		return (char *)good + random_below(random, 4096);
	case 5:
		/* Its beginning can be written, its end cannot. */
		return edge - 4 * random_below(random, 32);
	default:
		return (void *)(uintptr_t)random_next(random);
	}
}

size_t draw_size(size_t good, uint64_t *random)
{
	if (!seldom(random, 24))
		return good;
	switch (random_below(random, 5)) {
	case 0:
		return good - 1 - random_below(random, good);
	case 1:
		return good + 8 * random_below(random, 16);
	case 2:
		return 4096;
	case 3:
		return 4097;
	default:
		return random_next(random);
	}
}

uint32_t draw_flags(uint32_t all, uint64_t *random)
{
	if (seldom(random, 32))
		return random_next(random);
	return random_next(random) & all;
}

uint32_t draw_mask(uint64_t *random)
{
	if (!seldom(random, 4))
		return VPI_MASK_ALL;
	return draw_flags(VPI_MASK_ALL, random);
}

uint64_t draw_handle(const struct lane *lane, uint64_t *random)
{
	uint64_t handle = draw_lane(lane, random)->handle;

	switch (random_below(random, 32)) {
	case 0 ... 3:
		return 0;
	case 4:
		return handle ^ 1ULL << random_below(random, 53);
	case 5:
		return random_next(random);
	default:
		return handle;
	}
}

uint64_t draw_seq(const struct lane *lane, uint64_t *random)
{
	switch (random_below(random, 8)) {
	case 0 ... 3:
		return 0;
	case 4:
		return random_below(random, 64);
	default:
		return draw_lane(lane, random)->seq;
	}
}

int64_t draw_deadline(uint64_t *random)
{
	struct timespec now;

	switch (random_below(random, 12)) {
	case 0:
		return random_next(random);
	case 1:
		return INT64_MIN + random_below(random, 2);
	case 2:
		return INT64_MAX - 1;
	case 3 ... 5:
		return 0;
	case 6 ... 8:
		clock_gettime(CLOCK_MONOTONIC, &now);
		return now.tv_sec * 1000000000LL + now.tv_nsec +
		       random_below(random, 1000000);
	default:
		return INT64_MAX;
	}
}
