/*
 * A process: its lanes, and the main thread, which starts them, puts another
 * thread in the place of one that ended, and frees whoever is stuck. An
 * operation may sleep for good, or be held with nobody who cares; so what
 * stands still is resumed and sent a signal. What then still stands still is
 * the kernel's fault.
 */
#include "process.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "lane.h"
#include "vpi_sys.h"

#define ROUND_NS	2000000

static pthread_t threads[MAX_LANES];

char *edge;

static void nap(long ns)
{
	struct timespec time = { .tv_nsec = ns };

	nanosleep(&time, NULL);
}

/* A system VP is neither told about nor held. Without a KCB there is no need. */
static bool become_vp(void)
{
	struct vpi_attach attach = {
		.version = VPI_ABI_VERSION, .flags = VPI_ATTACH_SYSTEM,
	};

	return !vpi_attach(&attach, sizeof(attach));
}

/* Of those that have not moved since the last round. */
static void free_the_stuck(struct lane *lanes, uint32_t *seen)
{
	bool is_vp = become_vp();
	uint32_t i;

	for (i = 0; i < run->threads; i++) {
		if (!lanes[i].occupied || lanes[i].next != seen[i]) {
			seen[i] = lanes[i].next;
			continue;
		}
		if (is_vp)
			vpi_resume(lanes[i].handle, VPI_SEQ_ANY, 0, 0);
		syscall(SYS_tgkill, getpid(), lanes[i].tid, SIGUSR1);
	}
	if (is_vp)
		vpi_detach(0);
}

/* Every lane with operations left has a thread; false if there is none. */
static bool keep_running(struct lane *lanes)
{
	bool any = false;
	uint32_t i;

	for (i = 0; i < run->threads; i++) {
		if (lanes[i].occupied && !pthread_tryjoin_np(threads[i], NULL))
			lanes[i].occupied = false;
		if (!lanes[i].occupied && lanes[i].next < lanes[i].end)
			lanes[i].occupied = lane_start(&lanes[i], &threads[i]);
		any |= lanes[i].occupied;
	}
	return any;
}

void block_signals(bool block)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigprocmask(block ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

void process(unsigned int index)
{
	struct lane *lanes = &run->lane[index * run->threads];
	uint32_t seen[MAX_LANES] = { 0 };
	cpu_set_t all;
	uint32_t i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	lane_handlers();
	edge = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (edge == MAP_FAILED || mprotect(edge += 4096, 4096, PROT_NONE))
		fail("no memory");
	block_signals(false);
	memset(&all, 0xff, sizeof(all));
	sched_setaffinity(0, sizeof(all), &all);
	/* Of a process before this one. */
	for (i = 0; i < run->threads; i++) {
		lanes[i].occupied = false;
		lanes[i].page = 0;
	}
	while (keep_running(lanes)) {
		nap(ROUND_NS);
		free_the_stuck(lanes, seen);
	}
	_exit(0);
}
