/* What an operation may be. */
#ifndef CALLS_H
#define CALLS_H

#include <setjmp.h>
#include <stdint.h>

#include "run.h"

struct call {
	const char *name;
	unsigned int weight;		/* how often it is drawn */
	void (*perform)(struct lane *lane, uint64_t *random);
};

extern const struct call calls[];
extern const unsigned int nr_calls;

uint32_t draw_call(uint64_t *random);

/* The index of @name in calls[], or -1. */
int find_call(const char *name);

/* vpi-calls.c */
void call_attach(struct lane *lane, uint64_t *random);
void call_detach(struct lane *lane, uint64_t *random);
void call_register(struct lane *lane, uint64_t *random);
void call_resume(struct lane *lane, uint64_t *random);
void call_wait_register(struct lane *lane, uint64_t *random);
void call_status(struct lane *lane, uint64_t *random);
void call_mode(struct lane *lane, uint64_t *random);

/* sleeps.c */
void call_read(struct lane *lane, uint64_t *random);
void call_write(struct lane *lane, uint64_t *random);
void call_futex(struct lane *lane, uint64_t *random);
void call_nanosleep(struct lane *lane, uint64_t *random);
void call_poll(struct lane *lane, uint64_t *random);
void call_yield(struct lane *lane, uint64_t *random);

/* memory.c */
void call_word(struct lane *lane, uint64_t *random);
void call_scribble(struct lane *lane, uint64_t *random);
void call_fault(struct lane *lane, uint64_t *random);
void call_remap(struct lane *lane, uint64_t *random);

/* processes.c */
void call_fork(struct lane *lane, uint64_t *random);
void call_vfork(struct lane *lane, uint64_t *random);
void call_ptrace(struct lane *lane, uint64_t *random);
void call_exit(struct lane *lane, uint64_t *random);
void call_exit_group(struct lane *lane, uint64_t *random);
void call_exec(struct lane *lane, uint64_t *random);
void call_kill(struct lane *lane, uint64_t *random);

/* disturbances.c */
void call_signal(struct lane *lane, uint64_t *random);
void call_stop(struct lane *lane, uint64_t *random);
void call_affinity(struct lane *lane, uint64_t *random);
void call_proc(struct lane *lane, uint64_t *random);

#endif /* CALLS_H */
