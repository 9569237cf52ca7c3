/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Another process, which stops this one for a moment now and then.
 *
 * It is asked to end, and does so between two stops. Killed in the wrong
 * moment, it would leave behind a process that is stopped for good, in which
 * no watchdog runs.
 */
#ifndef VPI_STOPPER_H
#define VPI_STOPPER_H

#include <poll.h>

#include "vpi_random.h"

struct stopper {
	pid_t pid;
	int end;		/* of a pipe: a byte ends it, and so does our death */
};

/* Waits for @ns, or until something comes, or nobody is left to send it. */
static inline bool comes_within(int fd, __s64 ns)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	struct timespec ts = { .tv_nsec = ns };

	return ppoll(&pfd, 1, &ts, NULL) == 1;
}

/* Stops @pid about every @every ns for up to @length ns. */
static inline void stop_until_told(pid_t pid, int told, unsigned int every,
				   unsigned int length, uint64_t random)
{
	while (!comes_within(told, every / 10 + random_below(&random, every))) {
		kill(pid, SIGSTOP);
		nap_ns(random_below(&random, length));
		kill(pid, SIGCONT);
	}
}

static inline void stopper_start(struct stopper *s, unsigned int every,
				 unsigned int length, uint64_t seed)
{
	pid_t pid = getpid();
	int fds[2];

	CHECK(!pipe(fds));
	s->pid = fork();
	CHECK(s->pid >= 0);
	if (!s->pid) {
		close(fds[1]);
		stop_until_told(pid, fds[0], every, length, seed);
		_exit(0);
	}
	close(fds[0]);
	s->end = fds[1];
}

static inline void stopper_end(struct stopper *s)
{
	int wstatus;

	CHECK(write(s->end, "x", 1) == 1);
	CHECK(waitpid(s->pid, &wstatus, 0) == s->pid && !wstatus);
	close(s->end);
}

#endif /* VPI_STOPPER_H */
