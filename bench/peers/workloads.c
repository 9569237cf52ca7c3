// SPDX-License-Identifier: MIT
/*
 * Figures 3 to 7 of the paper, and 14, for a thread system in C: SYSTEM_HEADER says
 * how that makes threads (spawn, join), mutexes (lock, unlock), conditions
 * (await, notify) and barriers (reach).
 */
#include SYSTEM_HEADER

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"

/* ---- 3: main creates a thread that ends at once, and joins it ---------- */

static void *ends(void *arg)
{
	return arg;
}

static void create_join(long count)
{
	for (long i = 1; i <= count; i++) {
		thread_t thread;

		spawn(&thread, ends, (void *)(intptr_t)i);
		check(join(thread) == (void *)(intptr_t)i,
		      "a thread has returned what another one should");
	}
}

/* ---- 4: two threads signal each other, with a mutex and a condition ---- */

static struct {
	mutex_t		mutex;
	condition_t	condition;
	int		turn;
	long		each;
	long		taken;
} table = { .mutex = MUTEX_INIT, .condition = CONDITION_INIT };

static void *signals(void *arg)
{
	int me = (int)(intptr_t)arg;

	lock(&table.mutex);
	for (long i = 0; i < table.each; i++) {
		while (table.turn != me)
			await(&table.condition, &table.mutex);
		table.turn = !me;
		table.taken++;
		notify(&table.condition);
	}
	unlock(&table.mutex);
	return NULL;
}

static void signal_each_other(long count)
{
	thread_t threads[2];

	table.turn = 0;
	table.each = (count + 1) / 2;
	table.taken = 0;
	for (int i = 0; i < 2; i++)
		spawn(&threads[i], signals, (void *)(intptr_t)i);
	for (int i = 0; i < 2; i++)
		join(threads[i]);
	check(table.taken == 2 * table.each, "a turn was lost, or taken twice");
}

/* ---- 5: a barrier of 32 threads ------------------------------------------ */

#define MEMBERS 32

static barrier_t barrier;
static atomic_long come;
static long episodes;

static void *member(void *arg)
{
	long lasts = 0;

	(void)arg;
	for (long i = 1; i <= episodes; i++) {
		atomic_fetch_add_explicit(&come, 1, memory_order_relaxed);
		lasts += reach(&barrier);
		check(atomic_load(&come) >= i * MEMBERS,
		      "the barrier has let a thread through early");
	}
	return (void *)(intptr_t)lasts;
}

static void pass_barrier(long count)
{
	thread_t threads[MEMBERS];
	long lasts = 0;

	barrier_open(&barrier, MEMBERS);
	atomic_store(&come, 0);
	episodes = count;
	for (int i = 0; i < MEMBERS; i++)
		spawn(&threads[i], member, NULL);
	for (int i = 0; i < MEMBERS; i++)
		lasts += (intptr_t)join(threads[i]);
	check(lasts == count,
	      "the barrier has called another number of threads the last");
}

/* ---- 6, 7: Sun's ping-pong: pairs of threads block and unblock each other - */

struct side {
	_Alignas(64) mutex_t mutex;
	condition_t	condition;
	int		has_ball;
	struct side	*other;
	long		moves;
};

static struct side sides[4][2] = {
	[0 ... 3] = { [0 ... 1] = { .mutex = MUTEX_INIT,
				    .condition = CONDITION_INIT } }
};

static void give(struct side *s)
{
	lock(&s->mutex);
	check(!s->has_ball, "a side was given two balls");
	s->has_ball = 1;
	notify(&s->condition);
	unlock(&s->mutex);
}

static void take(struct side *s)
{
	lock(&s->mutex);
	while (!s->has_ball)
		await(&s->condition, &s->mutex);
	s->has_ball = 0;
	unlock(&s->mutex);
}

static void *plays(void *arg)
{
	struct side *s = arg;
	long i;

	for (i = 0; i < s->moves; i++) {
		take(s);
		give(s->other);
	}
	return (void *)(intptr_t)i;
}

static void play(int games, long count)
{
	long each = (count + 2 * games - 1) / (2 * games), made = 0;
	thread_t threads[4][2];

	for (int g = 0; g < games; g++) {
		for (int i = 0; i < 2; i++) {
			sides[g][i].other = &sides[g][!i];
			sides[g][i].moves = each;
			sides[g][i].has_ball = 0;
			spawn(&threads[g][i], plays, &sides[g][i]);
		}
	}
	for (int g = 0; g < games; g++)
		give(&sides[g][0]);
	for (int g = 0; g < games; g++)
		for (int i = 0; i < 2; i++)
			made += (intptr_t)join(threads[g][i]);
	check(made == 2 * games * each, "a move was lost, or made twice");
}

static void one_game(long count)
{
	play(1, count);
}

/*
 * With new threads each time: which of them share a CPU makes the half of it, and
 * the kernel leaves them where they are.
 */
#define SETS 20

static void four_games(long count)
{
	for (int set = 0; set < SETS; set++)
		play(4, (count + SETS - 1) / SETS);
}

/* ---- 14: the memory of threads that wait -------------------------------- */

static struct {
	mutex_t		mutex;
	condition_t	over, come;
	int		is_over;
	long		waiting;
} room = { .mutex = MUTEX_INIT, .over = CONDITION_INIT, .come = CONDITION_INIT };

static void *waits(void *arg)
{
	lock(&room.mutex);
	room.waiting++;
	notify(&room.come);
	while (!room.is_over)
		await(&room.over, &room.mutex);
	/* One wakes the next. */
	notify(&room.over);
	unlock(&room.mutex);
	return arg;
}

static void wait_together(long count)
{
	thread_t *threads = calloc(count, sizeof(*threads));
	int64_t before;

	check(threads != NULL, "calloc");
	memset(threads, 1, count * sizeof(*threads));
	before = free_memory();
	for (long i = 0; i < count; i++)
		spawn(&threads[i], waits, NULL);
	lock(&room.mutex);
	while (room.waiting < count)
		await(&room.come, &room.mutex);
	measured_bytes = before - free_memory();
	room.is_over = 1;
	notify(&room.over);
	unlock(&room.mutex);
	for (long i = 0; i < count; i++)
		join(threads[i]);
	free(threads);
}

static const struct workload workloads[] = {
	{ 3, create_join, 0 }, { 4, signal_each_other, 0 }, { 5, pass_barrier, 0 },
	{ 6, one_game, 0 }, { 7, four_games, 0 }, { 14, wait_together, 1 }, { 0 }
};

int main(int argc, char **argv)
{
	int status;

	system_begin();
	status = measure(argc, argv, SYSTEM_ROW, workloads);
	system_end();
	return status;
}
