/*
 * A run: a list of operations, divided into lanes, and how far each lane has
 * come. It lies in memory that all processes of the run share and that
 * survives their exec() and their death: whoever takes over a lane goes on
 * with its next operation.
 */
#ifndef RUN_H
#define RUN_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define MAX_PROCESSES	8
#define MAX_LANES	64
#define MAX_OPS		(1 << 16)

/* There is no such process; 0 would be the sender's whole group. */
#define NO_PROCESS	INT_MAX

/* The random number decides everything else about the operation. */
struct op {
	uint32_t lane;
	uint32_t call;		/* index into calls[] */
	uint64_t random;
};

struct lane {
	uint32_t next, end;	/* of its operations in run->op */
	uint32_t process;	/* index into run->pid */
	uint32_t occupied;	/* by a thread */
	pid_t tid;
	uint64_t handle;	/* of its VP, the last one that it had */
	uint64_t seq;		/* of that VP's block, the last one heard of */
	uint64_t page, page_size;
} __attribute__((aligned(64)));

struct run {
	uint64_t seed;
	uint32_t processes, threads;	/* threads per process */
	uint32_t nr_ops;
	uint32_t flaw;			/* a call that counts as failed */
	uint32_t failed;
	char failure[512];		/* why */
	uint32_t restarts;
	uint64_t events[5];		/* received, by the bit of their type */
	uint64_t succeeded, refused;	/* system calls of VPI */
	pid_t pid[MAX_PROCESSES];
	struct lane lane[MAX_LANES];
	struct op op[MAX_OPS];
};

extern struct run *run;

/* File descriptors that every process of a run has, also after exec(). */
enum {
	RUN_FD = 100,		/* the run */
	PIPE_READ_FD,
	PIPE_WRITE_FD,		/* does not block */
	EVENT_FD,		/* does not block */
};

/* Creates the run and the descriptors; all processes inherit them. */
void run_create(void);

/* In a process that was executed anew: finds the run. */
void run_find(void);

/* Draws @nr_ops operations from @seed. */
void run_draw(uint64_t seed, uint32_t nr_ops);

/* Before operations are done: every lane at its beginning. op is by lane. */
void run_rewind(void);

/* Operations done, and processes started; changes as long as anything goes on. */
uint64_t run_progress(void);

/* Notes why the run has failed, if it is the first, and ends the process. */
void __attribute__((noreturn, format(printf, 1, 2))) fail(const char *fmt, ...);

#endif /* RUN_H */
