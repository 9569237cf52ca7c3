/* Rest: every worker parks, every event has been taken, and the books balance. */
#include "group.h"
#include "oracle.h"

uint32_t rest;

/*
 * Without managers it is for us to resume who is held: all of them, because
 * any of them may have what another one waits for.
 */
static bool all_parked(void)
{
	bool all = true;
	unsigned int i;

	for (i = 0; i < config.workers; i++) {
		struct worker *w = &workers[i];

		if (!w->thread || load(&w->dead) ||
		    load(&w->parked) == load(&rest))
			continue;
		all = false;
		if (!config.managers && load(&w->attached))
			resume_held(w);
	}
	return all;
}

/* Whoever was given an event has taken note of it, and registered again. */
static bool all_noted(void)
{
	struct vpi_status s = status_now();

	return !config.managers ||
	       (!s.queued && s.count[VPI_REGISTERED] == config.managers);
}

void check_books(void)
{
	struct vpi_status s = status_now();

	CHECK(s.count[VPI_BLOCKED_STATE] == 0);
	CHECK(s.count[VPI_WAITRESUME] == 0);
	CHECK(s.count[VPI_WAITREGISTER] == 0);
	CHECK(s.blocks == s.seen + s.cancels);
	CHECK(s.blocks == s.unblocked + s.released + s.cancels + s.exits);
	/* Who was held has been resumed, or has died. */
	CHECK(s.unblocked >= s.resumes + s.auto_resumes);
	CHECK(s.unblocked <= s.resumes + s.auto_resumes + deaths);
	CHECK(s.preempts == delivered.preempted + s.preempt_cancels);
	if (!config.managers)
		return;
	CHECK(s.auto_resumes == 0);
	CHECK(delivered.unblocked <= s.unblocked);
	/* A block that is told to nobody counts as seen. */
	CHECK(delivered.blocked <= s.seen);
	CHECK(config.masks || delivered.blocked == s.seen);
}

/* The dead are detached when their threads are gone. */
static void bury_the_dead(void)
{
	unsigned int i;

	for (i = 0; i < config.workers; i++)
		if (workers[i].thread && load(&workers[i].dead)) {
			CHECK(!pthread_join(workers[i].thread, NULL));
			workers[i].thread = 0;
		}
}

void come_to_rest(void)
{
	__atomic_add_fetch(&rest, 1, __ATOMIC_SEQ_CST);
	WAIT_FOR(all_parked());
	bury_the_dead();
	WAIT_FOR(all_noted());
	check_books();
	oracle_check();
	progress->steps++;
}

void go_on(uint64_t *random)
{
	unsigned int i;

	__atomic_add_fetch(&rest, 1, __ATOMIC_SEQ_CST);
	futex(&rest, FUTEX_WAKE, INT_MAX);
	for (i = 0; i < config.workers; i++)
		if (!workers[i].thread)
			worker_start(&workers[i], random);
}
