/* Processes that come, are traced, and end in every way. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arguments.h"
#include "calls.h"
#include "lane.h"
#include "memory.h"
#include "process.h"
#include "vpi_random.h"
#include "vpi_sys.h"

/* The system call alone: another thread may have libc's locks. */
static pid_t bare_fork(void)
{
	return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

/* A child that dies with this process, and does as if it were a lane. */
static void child(struct lane *lane, uint64_t *random)
{
	struct lane own = { .process = lane->process };
	int i;

	lane_may_exit = false;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* It is no VP. */
	if (vpi_detach(0) != -1 || errno != EPERM)
		fail("fork: the child is a VP");
	for (i = random_below(random, 4); i; i--) {
		call_attach(&own, random);
		call_word(&own, random);
		call_nanosleep(&own, random);
		call_status(&own, random);
	}
	syscall(SYS_exit_group, 0);
}

void call_fork(struct lane *lane, uint64_t *random)
{
	pid_t pid;

	if (seldom(random, 2))
		upcalls(lane, true);
	pid = bare_fork();
	if (!pid)
		child(lane, random);
	/* Ends, too, when the child has left without being waited for. */
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

void call_vfork(struct lane *lane, uint64_t *random)
{
	static const char * const argv[] = { "fuzz", "nothing", NULL };

	if (seldom(random, 2))
		upcalls(lane, true);
	if (!vfork()) {
		execve("/proc/self/exe", (char **)argv, environ);
		_exit(0);
	}
}

/* A tracer that looks at a lane, and goes. */
static void trace(pid_t tid, uint64_t *random)
{
	int i;

	lane_may_exit = false;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!ptrace(PTRACE_SEIZE, tid, NULL, PTRACE_O_TRACESYSGOOD)) {
		for (i = random_below(random, 20); i; i--) {
			ptrace(PTRACE_INTERRUPT, tid, NULL, NULL);
			sched_yield();
			if (waitpid(tid, NULL, __WALL | WNOHANG) > 0)
				ptrace(seldom(random, 2) ? PTRACE_SYSCALL :
				       PTRACE_CONT, tid, NULL, NULL);
		}
	}
	/* The end of the tracer ends the tracing. */
	syscall(SYS_exit_group, 0);
}

void call_ptrace(struct lane *lane, uint64_t *random)
{
	pid_t tid = draw_lane(lane, random)->tid;

	if (!bare_fork())
		trace(tid, random);
}

void call_exit(struct lane *lane, uint64_t *random)
{
	(void)lane;
	(void)random;
	syscall(SYS_exit, 0);
}

void call_exit_group(struct lane *lane, uint64_t *random)
{
	(void)lane;
	(void)random;
	syscall(SYS_exit_group, 0);
}

void call_exec(struct lane *lane, uint64_t *random)
{
	char number[16];
	char *const argv[] = { "fuzz", "process", number, NULL };

	(void)random;
	snprintf(number, sizeof(number), "%u", lane->process);
	__atomic_add_fetch(&run->restarts, 1, __ATOMIC_SEQ_CST);
	block_signals(true);
	execve("/proc/self/exe", argv, environ);
	fail("exec: %s", strerrordesc_np(errno));
}

void call_kill(struct lane *lane, uint64_t *random)
{
	(void)lane;
	kill(run->pid[random_below(random, run->processes)], SIGKILL);
}
