/* A hang is no time limit: it is that nothing goes on for so long. */
#include "watch.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kernel.h"
#include "process.h"
#include "run.h"
#include "vpi_slab.h"

#define TICKS_PER_SECOND	100

unsigned int watch_patience = 30;
bool watch_quietly;

static void tick(void)
{
	struct timespec time = { .tv_nsec = 1000000000 / TICKS_PER_SECOND };

	nanosleep(&time, NULL);
}

void watch_prepare(void)
{
	/* We inherit, and so can wait for, whomever a run leaves behind. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
}

static void note(const char *failure)
{
	if (run->failed)
		return;
	run->failed = 1;
	snprintf(run->failure, sizeof(run->failure), "%s", failure);
}

/* Until the supervisor ends, or nothing moves any more. */
static void follow(pid_t supervisor)
{
	uint64_t last = 0, now;
	unsigned int still = 0;
	int status;

	while (waitpid(supervisor, &status, WNOHANG) != supervisor) {
		now = run_progress();
		still = now == last ? still + 1 : 0;
		last = now;
		if (still == watch_patience * TICKS_PER_SECOND) {
			if (!watch_quietly)
				kernel_show_group(supervisor);
			note("nothing goes on");
			return;
		}
		tick();
	}
	if (status)
		note("the supervisor failed");
}

/* Nobody may outlive SIGKILL. */
static void end_all(pid_t group)
{
	unsigned int left = watch_patience * TICKS_PER_SECOND;
	pid_t pid;

	kill(-group, SIGKILL);
	while ((pid = waitpid(-1, NULL, WNOHANG)) != -1 || errno == EINTR) {
		if (pid)
			continue;
		if (!left--) {
			kernel_show_group(group);
			note("a process cannot be killed");
			return;
		}
		tick();
	}
}

static void expect_nothing_left(const struct slab_counts *before)
{
	unsigned int left = watch_patience * TICKS_PER_SECOND;
	struct slab_counts now;

	while (!slab_counts_back(before)) {
		if (!left--) {
			slab_counts(&now);
			printf("# KCBs: %lu, then %lu; VPs: %lu, then %lu\n",
			       before->kcbs, now.kcbs, before->vps, now.vps);
			note("kernel objects are left");
			return;
		}
		tick();
	}
}

bool watch_run(void)
{
	struct slab_counts before;
	bool slabs = slab_counts(&before);
	pid_t supervisor;

	run_rewind();
	kernel_mark(run->seed);
	kernel_delays(run->seed);
	fflush(stdout);
	supervisor = fork();
	if (!supervisor)
		_exit(supervise());
	/* Both sides, as either may be first. */
	setpgid(supervisor, supervisor);
	follow(supervisor);
	end_all(supervisor);
	kernel_delays(0);
	if (slabs)
		expect_nothing_left(&before);
	if (kernel_complains())
		note("the kernel complains");
	return !run->failed;
}
