/* What a VP may sleep in. A signal of process.c ends it if nothing else does. */
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "arguments.h"
#include "calls.h"
#include "memory.h"
#include "vpi_random.h"

static struct timespec draw_time(uint64_t *random)
{
	return (struct timespec) { .tv_nsec = random_below(random, 500000) };
}

static void maybe_upcalls(struct lane *lane, uint64_t *random)
{
	if (!seldom(random, 4))
		upcalls(lane, true);
}

void call_read(struct lane *lane, uint64_t *random)
{
	char bytes[4];

	maybe_upcalls(lane, random);
	(void)!read(PIPE_READ_FD, bytes, 1 + random_below(random, 4));
}

void call_write(struct lane *lane, uint64_t *random)
{
	(void)lane;
	(void)!write(PIPE_WRITE_FD, "xyz", 1 + random_below(random, 3));
}

void call_futex(struct lane *lane, uint64_t *random)
{
	static uint32_t word;
	struct timespec time = draw_time(random);
	bool forever = seldom(random, 4);

	maybe_upcalls(lane, random);
	if (seldom(random, 2))
		syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 2, NULL, NULL, 0);
	else
		syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, word,
			forever ? NULL : &time, NULL, 0);
}

void call_nanosleep(struct lane *lane, uint64_t *random)
{
	struct timespec time = draw_time(random);

	maybe_upcalls(lane, random);
	nanosleep(&time, NULL);
}

void call_poll(struct lane *lane, uint64_t *random)
{
	struct pollfd fds[] = {
		{ .fd = EVENT_FD, .events = POLLIN },
		{ .fd = PIPE_READ_FD, .events = POLLIN },
	};
	struct timespec time = draw_time(random);
	uint64_t value = 1;

	maybe_upcalls(lane, random);
	if (seldom(random, 2))
		(void)!write(EVENT_FD, &value, sizeof(value));
	ppoll(fds, 1 + random_below(random, 2),
	      seldom(random, 4) ? NULL : &time, NULL);
	(void)!read(EVENT_FD, &value, sizeof(value));
}

void call_yield(struct lane *lane, uint64_t *random)
{
	(void)lane;
	sched_yield();
	spin(random_below(random, 5000));
}
