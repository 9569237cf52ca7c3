/* What has been delivered about each worker, and what must be so. */
#ifndef ORACLE_H
#define ORACLE_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/vpi.h>

#define MAX_BLOCKS	8192		/* of one worker in its life */

/* One life of a worker. */
struct life {
	uint64_t handle;
	uint64_t counter;	/* it counts on whenever it runs */
	uint64_t claimed;	/* greatest block that somebody ends the hold of */
	uint64_t blocked[MAX_BLOCKS / 64];
	uint64_t unblocked[MAX_BLOCKS / 64];
	uint64_t unasked[MAX_BLOCKS / 64];	/* ... without BLOCKED being wanted */
};

/* Events are counted, to be compared with the kernel's counters. */
struct delivered {
	uint64_t blocked, unblocked, preempted;
};

extern struct delivered delivered;

/* Room for @n lives. */
void oracle_start(unsigned int n);

/* A new life, or NULL: there is no room. */
struct life *oracle_life(void);
bool oracle_full(void);

/* The cookie of a life with a mask. */
uint64_t oracle_cookie(const struct life *life, uint32_t mask);

/* Takes note of an event. */
void oracle_note(const struct vpi_event *e);
struct life *oracle_life_of(const struct vpi_event *e);

/*
 * Who wants to end the hold after block @seq asks first; it is granted once.
 * So whoever has it knows that the worker stands still until it resumes it.
 */
bool oracle_claim(struct life *life, uint64_t seq);

/* The worker is held, and we have the claim: it stands still meanwhile. */
void oracle_stands_still(const struct life *life, uint64_t seq,
			 void (*meanwhile)(uint64_t *), uint64_t *random);

/* At rest. */
void oracle_check(void);

#endif /* ORACLE_H */
