/*
 * Groups of virtual processors under every hardship, and an oracle that knows
 * what must be so all the same.
 *
 *	torture [--seed N] [--groups N] [--operations N] [--at-once N]
 *		[--patience SECONDS] [--flaw]
 *
 * Each group draws what it is from a seed of its own, so --seed N --groups 1
 * repeats one. It fails if an event is lost or comes twice or too early, if a
 * held worker runs, if the kernel's counters do not balance, if anybody is held
 * in the end, if nothing goes on, if kernel objects are left, or if the kernel
 * complains. With --flaw managers resume too early, which must be seen.
 */
#include "group.h"
#include "around.h"
#include "kernel.h"
#include "vpi_slab.h"
#include <getopt.h>
#include <sys/prctl.h>

#define MAX_AT_ONCE		8
#define TICKS_PER_SECOND	100

static uint64_t seed;
static unsigned long groups = 20, at_once = 2, operations = 3000, patience = 60;
static struct child children[MAX_AT_ONCE];
static struct progress *shared;
static bool failed;

static const struct option options[] = {
	{ "seed", required_argument, NULL, 's' },
	{ "groups", required_argument, NULL, 'g' },
	{ "operations", required_argument, NULL, 'o' },
	{ "at-once", required_argument, NULL, 'a' },
	{ "patience", required_argument, NULL, 'p' },
	{ "flaw", no_argument, NULL, 'f' },
	{ NULL, 0, NULL, 0 },
};

static void read_options(int argc, char **argv)
{
	int option;

	seed = time(NULL);
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (option) {
		case 's':
			seed = strtoull(optarg, NULL, 0);
			break;
		case 'g':
			groups = strtoul(optarg, NULL, 0);
			break;
		case 'o':
			operations = strtoul(optarg, NULL, 0);
			break;
		case 'a':
			at_once = strtoul(optarg, NULL, 0);
			break;
		case 'p':
			patience = strtoul(optarg, NULL, 0);
			break;
		case 'f':
			config.flaw = true;
			break;
		default:
			exit(2);
		}
	if (!at_once || at_once > MAX_AT_ONCE)
		at_once = MAX_AT_ONCE;
}

static void start(unsigned int number, uint64_t *random)
{
	struct child *c = &children[number];

	config_draw(seed++, operations);
	config_print();
	fflush(stdout);
	c->end = config.end;
	c->killed_after = random_below(random, operations);
	c->progress = &shared[number];
	*c->progress = (struct progress) { 0 };
	c->pid = fork();
	CHECK(c->pid >= 0);
	if (!c->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setpgid(0, 0);
		group(c->progress);
		exit(0);
	}
	setpgid(c->pid, c->pid);
	around_enter(c, number);
}

static void fail_all(const char *why)
{
	unsigned int i;

	failed = true;
	printf("# %s\n", why);
	for (i = 0; i < at_once; i++)
		if (children[i].pid) {
			kernel_show_group(children[i].pid);
			kill(-children[i].pid, SIGKILL);
		}
}

static void ended(struct child *c, int status)
{
	bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;

	/* Its children, too, that it did not live to wait for. */
	kill(-c->pid, SIGKILL);
	c->pid = 0;
	around_leave(c);
	if (status && !(killed && (c->end == IS_KILLED || failed)))
		fail_all("a group has failed");
}

/* True as long as there are children. */
static bool reap(void)
{
	unsigned int i;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (i = 0; i < at_once; i++)
			if (children[i].pid == pid)
				ended(&children[i], status);
	return pid == 0;
}

static unsigned long progress_sum(void)
{
	unsigned long sum = 0, i;

	for (i = 0; i < at_once; i++)
		sum += shared[i].operations + shared[i].steps +
		       !children[i].pid;
	return sum;
}

/* Until all groups have ended, or nothing goes on any more. */
static void follow(uint64_t *random)
{
	unsigned long last = 0, still = 0, now;

	while (reap()) {
		around_disturb(&children[random_below(random, at_once)], random);
		nap_ns(1000000000 / TICKS_PER_SECOND);
		now = progress_sum();
		still = now == last ? still + 1 : 0;
		last = now;
		if (still == patience * TICKS_PER_SECOND)
			fail_all("nothing goes on");
		if (still == 2 * patience * TICKS_PER_SECOND) {
			fail_all("a process cannot be killed");
			return;
		}
	}
}

static void expect_nothing_left(const struct slab_counts *before)
{
	unsigned long left = patience * TICKS_PER_SECOND;

	while (!slab_counts_back(before)) {
		if (!left--) {
			fail_all("kernel objects are left");
			return;
		}
		nap_ns(1000000000 / TICKS_PER_SECOND);
	}
}

static void round_of_groups(unsigned long n, uint64_t *random)
{
	struct slab_counts before;
	bool slabs = slab_counts(&before);
	unsigned long i;

	kernel_mark(seed);
	kernel_delays(seed);
	for (i = 0; i < n; i++)
		start(i, random);
	follow(random);
	kernel_delays(0);
	if (slabs && !failed)
		expect_nothing_left(&before);
	if (kernel_complains())
		fail_all("the kernel complains");
}

int main(int argc, char **argv)
{
	unsigned long done, n;
	uint64_t random;

	/* What is executed instead of a group, or by one of its children. */
	if (argc == 2 && !strcmp(argv[1], "nothing"))
		return 0;
	read_options(argc, argv);
	setvbuf(stdout, NULL, _IOLBF, 0);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	shared = mmap(NULL, sizeof(*shared) * MAX_AT_ONCE, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(shared != MAP_FAILED);
	printf("TAP version 13\n1..1\n");
	random = seed;
	for (done = 0; done < groups && !failed; done += n) {
		n = groups - done < at_once ? groups - done : at_once;
		round_of_groups(n, &random);
	}
	printf("%sok 1 - %lu groups bear it\n", failed ? "not " : "", done);
	return failed;
}
