/* SPDX-License-Identifier: GPL-2.0 */
/* Random numbers that a seed brings back (xorshift64*), one state per thread. */
#ifndef VPI_RANDOM_H
#define VPI_RANDOM_H

#include <stdint.h>

static inline uint64_t random_next(uint64_t *state)
{
	uint64_t x = *state ? *state : 0x9e3779b97f4a7c15ULL;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*state = x;
	return x * 0x2545f4914f6cdd1dULL;
}

static inline unsigned int random_below(uint64_t *state, unsigned int n)
{
	return (random_next(state) >> 32) % n;
}

/* Keeps the CPU busy for a while. */
static inline void spin(unsigned int n)
{
	while (n--)
		asm volatile("" : : : "memory");
}

#endif /* VPI_RANDOM_H */
