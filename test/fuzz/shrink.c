/* Delta debugging: without one n-th of the list after the other, n growing. */
#include "shrink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"
#include "run.h"
#include "watch.h"

#define SHORT_PATIENCE	5

static unsigned int runs_left;

static bool fails(unsigned int tries)
{
	for (; tries && runs_left; tries--, runs_left--) {
		kernel_forget_warnings();
		if (!watch_run())
			return true;
	}
	return false;
}

/* The run with the operations of @from but those in [begin, end). */
static void leave_away(const struct op *from, uint32_t n, uint32_t begin,
		       uint32_t end)
{
	memcpy(run->op, from, begin * sizeof(*from));
	memcpy(run->op + begin, from + end, (n - end) * sizeof(*from));
	run->nr_ops = n - (end - begin);
}

void shrink(unsigned int tries, unsigned int runs)
{
	static struct op best[MAX_OPS];
	char failure[sizeof(run->failure)];
	uint32_t n = run->nr_ops, chunk = n / 2, begin, end;
	bool shorter;

	runs_left = runs;
	watch_quietly = true;
	/* It is known to hang; so it may be said sooner. */
	if (watch_patience > SHORT_PATIENCE)
		watch_patience = SHORT_PATIENCE;
	memcpy(failure, run->failure, sizeof(failure));
	memcpy(best, run->op, n * sizeof(*best));
	while (chunk && runs_left) {
		shorter = false;
		for (begin = 0; begin < n && runs_left; begin = end) {
			end = begin + chunk < n ? begin + chunk : n;
			leave_away(best, n, begin, end);
			if (!fails(tries))
				continue;
			memcpy(failure, run->failure, sizeof(failure));
			n = run->nr_ops;
			memcpy(best, run->op, n * sizeof(*best));
			end = begin;
			shorter = true;
		}
		if (!shorter || chunk > n)
			chunk /= 2;
	}
	memcpy(run->op, best, n * sizeof(*best));
	run->nr_ops = n;
	memcpy(run->failure, failure, sizeof(failure));
}
