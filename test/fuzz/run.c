/* The list of operations and its state, in shared memory. */
#include "run.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "calls.h"
#include "vpi_random.h"

struct run *run;

static void must(bool so, const char *what)
{
	if (so)
		return;
	perror(what);
	exit(2);
}

static void fix_fd(int fd, int number)
{
	must(fd >= 0 && dup2(fd, number) == number, "descriptors");
	close(fd);
}

void run_find(void)
{
	run = mmap(NULL, sizeof(*run), PROT_READ | PROT_WRITE, MAP_SHARED,
		   RUN_FD, 0);
	must(run != MAP_FAILED, "the run's memory");
}

void run_create(void)
{
	int fds[2];

	fix_fd(memfd_create("run", 0), RUN_FD);
	must(!ftruncate(RUN_FD, sizeof(*run)), "the run's size");
	must(!pipe(fds), "pipe");
	fix_fd(fds[0], PIPE_READ_FD);
	fix_fd(fds[1], PIPE_WRITE_FD);
	must(!fcntl(PIPE_WRITE_FD, F_SETFL, O_NONBLOCK), "pipe");
	fix_fd(eventfd(0, EFD_NONBLOCK), EVENT_FD);
	run_find();
}

void run_draw(uint64_t seed, uint32_t nr_ops)
{
	uint32_t lanes = run->processes * run->threads, i;
	uint64_t random = seed * 0x9e3779b97f4a7c15ULL + 1;

	run->seed = seed;
	run->nr_ops = nr_ops < MAX_OPS ? nr_ops : MAX_OPS;
	for (i = 0; i < run->nr_ops; i++)
		run->op[i] = (struct op) {
			.lane = (uint64_t)i * lanes / run->nr_ops,
			.call = draw_call(&random),
			.random = random_next(&random),
		};
}

void run_rewind(void)
{
	uint32_t lane, index, i = 0;

	run->failed = 0;
	run->restarts = 0;
	/* The first processes run before the last have been started. */
	for (index = 0; index < MAX_PROCESSES; index++)
		run->pid[index] = NO_PROCESS;
	for (lane = 0; lane < MAX_LANES; lane++) {
		run->lane[lane] = (struct lane) {
			.next = i,
			.process = lane / run->threads,
		};
		while (i < run->nr_ops && run->op[i].lane == lane)
			i++;
		run->lane[lane].end = i;
	}
}

uint64_t run_progress(void)
{
	uint64_t sum = __atomic_load_n(&run->restarts, __ATOMIC_RELAXED);
	uint32_t lane;

	for (lane = 0; lane < MAX_LANES; lane++)
		sum += __atomic_load_n(&run->lane[lane].next, __ATOMIC_RELAXED);
	return sum;
}

void fail(const char *fmt, ...)
{
	va_list args;

	if (!__atomic_exchange_n(&run->failed, 1, __ATOMIC_SEQ_CST)) {
		va_start(args, fmt);
		vsnprintf(run->failure, sizeof(run->failure), fmt, args);
		va_end(args);
	}
	syscall(SYS_exit_group, 1);
	__builtin_unreachable();
}
