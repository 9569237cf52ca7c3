/* Signals, stops, other CPUs, and readers of /proc. */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arguments.h"
#include "calls.h"
#include "vpi_random.h"

void call_signal(struct lane *lane, uint64_t *random)
{
	const struct lane *other = draw_lane(lane, random);
	int sig = seldom(random, 2) ? SIGUSR1 : SIGUSR2;
	pid_t pid = run->pid[other->process];

	if (seldom(random, 8))
		kill(pid, SIGUSR1);
	else if (other->tid)
		syscall(SYS_tgkill, pid, other->tid, sig);
}

/* The supervisor lets it go on if we do not live to do so. */
void call_stop(struct lane *lane, uint64_t *random)
{
	pid_t pid = run->pid[random_below(random, run->processes)];

	(void)lane;
	kill(pid, SIGSTOP);
	spin(random_below(random, 20000));
	sched_yield();
	kill(pid, SIGCONT);
}

void call_affinity(struct lane *lane, uint64_t *random)
{
	pid_t tid = draw_lane(lane, random)->tid;
	uint64_t cpus = seldom(random, 3) ? ~0ULL :
			1ULL << random_below(random, sysconf(_SC_NPROCESSORS_ONLN));

	syscall(SYS_sched_setaffinity, tid, sizeof(cpus), &cpus);
}

void call_proc(struct lane *lane, uint64_t *random)
{
	const struct lane *other = draw_lane(lane, random);
	pid_t pid = run->pid[other->process];
	char path[64], text[1024];
	int fd;

	if (seldom(random, 2))
		snprintf(path, sizeof(path), "/proc/%d/vpi", pid);
	else
		snprintf(path, sizeof(path), "/proc/%d/task/%d/vpi", pid,
			 other->tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	while (read(fd, text, sizeof(text)) > 0)
		;
	close(fd);
}
