// SPDX-License-Identifier: GPL-2.0
/*
 * Processes that do not use VPI, to compare a patched kernel with one that is
 * not.
 */
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

#include "bench.h"

#define WARM_UP	100

static void pass(int in, int out)
{
	char byte = 0;

	check(write(out, &byte, 1) == 1, "write");
	check(read(in, &byte, 1) == 1, "read");
}

/* Two processes, one byte to and fro. */
static void pipe_ping_pong(unsigned int count, struct result *r)
{
	int to[2], from[2];
	unsigned int i;
	pid_t child;
	char byte;

	check(!pipe(to) && !pipe(from), "pipe");
	child = fork();
	check(child >= 0, "fork");
	if (!child) {
		for (i = 0; i < WARM_UP + count; i++) {
			check(read(to[0], &byte, 1) == 1, "read");
			check(write(from[1], &byte, 1) == 1, "write");
		}
		_exit(0);
	}
	for (i = 0; i < WARM_UP; i++)
		pass(from[0], to[1]);
	begin(r);
	for (i = 0; i < count; i++)
		pass(from[0], to[1]);
	end(r, count);
	check(waitpid(child, NULL, 0) == child, "waitpid");
}

/* Two processes that give way to each other: a context switch, no sleep. */
static void yield(unsigned int count, struct result *r)
{
	unsigned int i;
	pid_t child = fork();

	check(child >= 0, "fork");
	if (!child)
		for (;;)
			sched_yield();
	for (i = 0; i < WARM_UP; i++)
		sched_yield();
	begin(r);
	for (i = 0; i < count; i++)
		sched_yield();
	end(r, count);
	check(!kill(child, SIGKILL), "kill");
	check(waitpid(child, NULL, 0) == child, "waitpid");
}

/* Nobody else there. */
static void yield_alone(unsigned int count, struct result *r)
{
	unsigned int i;

	for (i = 0; i < WARM_UP; i++)
		sched_yield();
	begin(r);
	for (i = 0; i < count; i++)
		sched_yield();
	end(r, count);
}

static void parent_id(unsigned int count, struct result *r)
{
	unsigned int i;

	for (i = 0; i < WARM_UP; i++)
		getppid();
	begin(r);
	for (i = 0; i < count; i++)
		getppid();
	end(r, count);
}

static void fork_and_wait(unsigned int count, struct result *r)
{
	unsigned int i;
	pid_t child;

	for (i = 0; i < count + 5; i++) {
		if (i == 5)
			begin(r);
		child = fork();
		check(child >= 0, "fork");
		if (!child)
			_exit(0);
		check(waitpid(child, NULL, 0) == child, "waitpid");
	}
	end(r, count);
}

const struct row plain_rows[] = {
	{ "pipe_ping_pong", "a byte to another process and back", false, 8000,
	  pipe_ping_pong },
	{ "sched_yield_two", "sched_yield() with another process that does the same",
	  false, 20000, yield },
	{ "sched_yield", "sched_yield() with nobody to yield to", false, 20000,
	  yield_alone },
	{ "getppid", "getppid()", false, 20000, parent_id },
	{ "fork_wait", "fork(), exit and wait", false, 200, fork_and_wait },
};

const unsigned int nr_plain_rows = sizeof(plain_rows) / sizeof(plain_rows[0]);
