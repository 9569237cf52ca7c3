// SPDX-License-Identifier: GPL-2.0
/*
 * Runs a command again and again, and kills it at a random instant.
 *
 *	kill_storm [-n kills] [-s seed] [-d ms] [command [argument...]]
 *
 * The command (this directory's hold_stress, if none is given) is first run to
 * its end, to know how long it lives; the instants are spread over that time,
 * or over the first ms milliseconds. After each kill no task of it may be left;
 * from time to time the slabs must hold as many KCBs and VPs as before, and the
 * kernel's log nothing that looks like a bug.
 */
#include "vpi_test.h"
#include <fcntl.h>
#include <libgen.h>
#include <sys/klog.h>
#include <sys/prctl.h>
#include "../kselftest.h"
#include "vpi_random.h"
#include "vpi_slab.h"

#define READ_ALL	3	/* of klogctl() */

static const char * const splats[] = {
	"WARNING:", "BUG:", "Oops", "KASAN", "UBSAN", "INFO: ",
	"general protection fault", "possible recursive locking",
	"inconsistent lock state", "suspicious RCU usage", "Call Trace:",
};

static bool is_splat(const char *line)
{
	size_t i;

	/* The rest of the kernel has data races of its own. */
	if (strstr(line, "KCSAN") && !strstr(line, "vpi"))
		return false;
	for (i = 0; i < ARRAY_SIZE(splats); i++)
		if (strstr(line, splats[i]))
			return true;
	return false;
}

/* Lines of the kernel's log that should not be there; -1 if it cannot be read. */
static int count_splats(bool show)
{
	static char log[1 << 20];
	int n = klogctl(READ_ALL, log, sizeof(log) - 1), found = 0;
	char *line, *next;

	if (n < 0)
		return -1;
	log[n] = 0;
	for (line = log; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		if (!is_splat(line))
			continue;
		found++;
		if (show)
			ksft_print_msg("%s\n", line);
	}
	return found;
}

/* The command, silent, in a process group of its own. */
static pid_t start(char **argv)
{
	pid_t child = fork();
	int fd;

	CHECK(child >= 0);
	if (child) {
		/* Both sides, as either may be first. */
		setpgid(child, child);
		return child;
	}
	setpgid(0, 0);
	fd = open("/dev/null", O_RDWR);
	dup2(fd, 0);
	dup2(fd, 1);
	dup2(fd, 2);
	execvp(argv[0], argv);
	_exit(127);
}

/* As a "subreaper" we inherit whomever the command leaves behind. */
static void expect_nobody_left(void)
{
	__s64 deadline = now_ns() + PATIENCE_SECONDS * 1000000000LL;
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) != -1) {
		if (pid)
			continue;
		if (now_ns() > deadline)
			die("a task of the command cannot be killed");
		nap_ns(1000000);
	}
	CHECK(errno == ECHILD);
}

static __s64 lifetime(char **argv)
{
	__s64 began = now_ns();
	int wstatus;
	pid_t child = start(argv);

	CHECK(waitpid(child, &wstatus, 0) == child);
	if (WIFEXITED(wstatus) && WEXITSTATUS(wstatus) == KSFT_SKIP)
		ksft_exit_skip("%s is of no use here\n", argv[0]);
	if (!WIFEXITED(wstatus) || WEXITSTATUS(wstatus))
		ksft_exit_fail_msg("%s fails even if nobody kills it (%#x)\n",
				   argv[0], wstatus);
	kill(-child, SIGKILL);
	expect_nobody_left();
	return now_ns() - began;
}

/* One run; true if the command was still alive when it was killed. */
static bool kill_one(char **argv, __s64 after)
{
	pid_t child = start(argv);
	int wstatus;

	nap_ns(after);
	kill(-child, SIGKILL);
	CHECK(waitpid(child, &wstatus, 0) == child);
	expect_nobody_left();
	return WIFSIGNALED(wstatus) && WTERMSIG(wstatus) == SIGKILL;
}

static char **default_command(char *self)
{
	static char path[PATH_MAX];
	static char *argv[] = { path, "-n", "1000", NULL };

	/* Found as this program was: beside it, or in $PATH. */
	if (strchr(self, '/'))
		snprintf(path, sizeof(path), "%s/hold_stress", dirname(self));
	else
		snprintf(path, sizeof(path), "hold_stress");
	return argv;
}

int main(int argc, char **argv)
{
	unsigned long kills = scaled(1000), alive = 0, i;
	struct slab_counts before;
	uint64_t seed = 1, random;
	__s64 window = 0;
	bool slabs;
	int splats_before, opt;

	while ((opt = getopt(argc, argv, "+n:s:d:")) != -1) {
		if (opt == 'n')
			kills = strtoul(optarg, NULL, 0);
		else if (opt == 's')
			seed = strtoull(optarg, NULL, 0);
		else if (opt == 'd')
			window = strtoll(optarg, NULL, 0) * 1000000;
		else
			ksft_exit_fail_msg("usage: %s [-n kills] [-s seed] [-d ms] [command...]\n",
					   argv[0]);
	}
	ksft_print_header();
	if (vpi_missing())
		ksft_exit_skip("this kernel has no CONFIG_SCHEDVPI\n");
	argv = argv[optind] ? argv + optind : default_command(argv[0]);
	ksft_set_plan(3);
	CHECK(!prctl(PR_SET_CHILD_SUBREAPER, 1));
	if (!window)
		window = lifetime(argv);
	ksft_print_msg("%lu kills in the first %lld ms of %s, seed %llu\n",
		       kills, (long long)window / 1000000, argv[0],
		       (unsigned long long)seed);

	slabs = slab_counts(&before);
	splats_before = count_splats(false);
	random = seed;
	for (i = 0; alive < kills && i < 10 * kills; i++) {
		/* One that was faster than its instant does not count. */
		alive += kill_one(argv, random_next(&random) % window);
		if (slabs && i % 100 == 99)
			WAIT_FOR(slab_counts_back(&before));
	}
	ksft_print_msg("%lu of %lu were alive when killed\n", alive, i);
	ksft_test_result(alive == kills, "no task is left\n");

	if (slabs) {
		WAIT_FOR(slab_counts_back(&before));
		ksft_test_result_pass("no slab object is left\n");
	} else {
		ksft_test_result_skip("no /sys/kernel/slab, or no right to it\n");
	}
	if (splats_before < 0)
		ksft_test_result_skip("no right to the kernel's log\n");
	else
		ksft_test_result(count_splats(false) <= splats_before ||
				 count_splats(true) <= splats_before,
				 "the kernel has not complained\n");
	ksft_finished();
}
