/* The parent of a run's processes. */
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process.h"
#include "run.h"

static void start(unsigned int index)
{
	pid_t pid = fork();

	if (!pid)
		process(index);
	if (pid < 0)
		fail("fork");
	run->pid[index] = pid;
}

static bool operations_left(unsigned int index)
{
	struct lane *lane = &run->lane[index * run->threads];
	unsigned int i;

	for (i = 0; i < run->threads; i++)
		if (lane[i].next < lane[i].end)
			return true;
	return false;
}

/* Returns whether it was started again. */
static bool ended(unsigned int index, int status)
{
	/* A lane kills; nothing else that ends a process is meant. */
	if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
		fail("a process ended by signal %d", WTERMSIG(status));
	if (WIFEXITED(status) && WEXITSTATUS(status))
		fail("a process ended with status %d", WEXITSTATUS(status));
	if (!operations_left(index))
		return false;
	__atomic_add_fetch(&run->restarts, 1, __ATOMIC_SEQ_CST);
	start(index);
	return true;
}

int supervise(void)
{
	unsigned int running = run->processes, i;
	int status;
	pid_t pid;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0);
	block_signals(true);
	for (i = 0; i < run->processes; i++)
		start(i);
	while (running && (pid = waitpid(-1, &status, WUNTRACED)) > 0) {
		if (WIFSTOPPED(status)) {
			kill(pid, SIGCONT);
			continue;
		}
		for (i = 0; i < run->processes; i++)
			if (run->pid[i] == pid && !ended(i, status))
				running--;
	}
	return run->failed;
}
