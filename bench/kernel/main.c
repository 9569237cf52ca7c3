// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's figures.
 *
 *	vpi-kernel-bench [-r runs] [-o row]
 *
 * Every row is run several times, the runs of all rows interleaved, each in a
 * process of its own: pinned to one CPU, and where there are two, free on both.
 * Rows that need VPI are left out on a kernel without it.
 *
 * As the first process of a machine it brings up what it needs, and turns the
 * machine off when it is done; so that nothing else runs, and the figures of
 * QEMU's icount mode are the same in every boot.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "bench.h"
#include "vpi_sys.h"

#define MAX_FIGURES	64

static struct figure figures[MAX_FIGURES];
static unsigned int nr_figures;

void fail(const char *what)
{
	fprintf(stderr, "vpi-kernel-bench: %s: %s\n", what, strerror(errno));
	_exit(1);
}

static bool have_vpi(void)
{
	return vpi_detach(0) != -1 || errno != ENOSYS;
}

static void add_figures(const struct row *rows, unsigned int n,
			const char *only, bool vpi)
{
	unsigned int i, cpus;
	unsigned int max_cpus = sysconf(_SC_NPROCESSORS_ONLN) > 1 ? 2 : 1;

	for (i = 0; i < n; i++) {
		if (rows[i].vpi && !vpi)
			continue;
		if (only && strcmp(only, rows[i].name))
			continue;
		for (cpus = 1; cpus <= max_cpus; cpus++) {
			check(nr_figures < MAX_FIGURES, "too many rows");
			figures[nr_figures++] = (struct figure) {
				.row = &rows[i], .cpus = cpus,
			};
		}
	}
}

/* One CPU: the first. Two: the first two, wherever the kernel likes. */
static void restrict_to(unsigned int cpus)
{
	cpu_set_t set;
	unsigned int i;

	CPU_ZERO(&set);
	for (i = 0; i < cpus; i++)
		CPU_SET(i, &set);
	check(!sched_setaffinity(0, sizeof(set), &set), "sched_setaffinity");
}

static void run_once(struct figure *f, struct result *shared)
{
	int status;
	pid_t child;

	memset(shared, 0, sizeof(*shared));
	child = fork();
	check(child >= 0, "fork");
	if (!child) {
		restrict_to(f->cpus);
		/* No page is to be fetched in the middle of a row. */
		mlockall(MCL_CURRENT | MCL_FUTURE);
		f->row->run(f->row->count, shared);
		_exit(0);
	}
	check(waitpid(child, &status, 0) == child, "waitpid");
	errno = 0;
	check(!status && shared->count, f->row->name);
	f->result[f->runs++] = *shared;
}

static void bring_up_the_machine(void)
{
	mkdir("/proc", 0555);
	mount("proc", "/proc", "proc", 0, NULL);
	mkdir("/sys", 0555);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
}

/* The work of a process of its own, so that a failure turns the machine off, too. */
static void be_init(void)
{
	pid_t child = fork();

	if (!child)
		return;
	while (waitpid(-1, NULL, 0) != child)
		;
	sync();
	reboot(RB_POWER_OFF);
}

int main(int argc, char **argv)
{
	bool init = getpid() == 1;
	unsigned int i, run, runs = 5;
	const char *only = NULL;
	struct result *shared;
	int opt;

	while ((opt = getopt(argc, argv, "r:o:")) != -1) {
		if (opt == 'r')
			runs = strtoul(optarg, NULL, 10);
		else if (opt == 'o')
			only = optarg;
		else if (!init)
			return 2;
	}
	errno = EINVAL;
	check(runs >= 1 && runs <= MAX_RUNS, "number of runs");
	if (init) {
		bring_up_the_machine();
		be_init();
	}
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	check(shared != MAP_FAILED, "mmap");

	add_figures(futex_rows, nr_futex_rows, only, have_vpi());
	add_figures(protocol_rows, nr_protocol_rows, only, have_vpi());
	add_figures(vpi_rows, nr_vpi_rows, only, have_vpi());
	add_figures(plain_rows, nr_plain_rows, only, have_vpi());
	for (run = 0; run < runs; run++)
		for (i = 0; i < nr_figures; i++)
			run_once(&figures[i], shared);
	report(figures, nr_figures);
	return 0;
}
