/* The main thread of a group: a system VP. */
#include "group.h"
#include "oracle.h"

struct progress *progress;

static void catch(int sig)
{
	struct sigaction action = { .sa_handler = chaos_on_signal };

	/* A handler may have taken an event, which must not die with it. */
	sigaddset(&action.sa_mask, SIGUSR2);
	CHECK(!sigaction(sig, &action, NULL));
}

static void replace_the_dead(uint64_t *random)
{
	unsigned int i;

	for (i = 0; i < config.workers; i++) {
		if (!workers[i].thread || !load(&workers[i].dead))
			continue;
		CHECK(!pthread_join(workers[i].thread, NULL));
		workers[i].thread = 0;
		worker_start(&workers[i], random);
	}
}

static void operate_until(unsigned long n, uint64_t *random)
{
	while (__atomic_load_n(&progress->operations, __ATOMIC_SEQ_CST) < n &&
	       !oracle_full()) {
		chaos(random);
		replace_the_dead(random);
	}
}

/* In the middle of everything, all other threads end and another program runs. */
static void execute(void)
{
	static char * const argv[] = { "torture", "nothing", NULL };

	execve("/proc/self/exe", argv, environ);
	die("exec");
}

static void everybody_leaves(void)
{
	unsigned int i;

	for (i = 0; i < config.workers; i++)
		workers[i].left = 0;
	__atomic_add_fetch(&rest, 1, __ATOMIC_SEQ_CST);
	futex(&rest, FUTEX_WAKE, INT_MAX);
	for (i = 0; i < config.workers; i++)
		if (workers[i].thread)
			CHECK(!pthread_join(workers[i].thread, NULL));
	server_stop();
	managers_stop();
	check_books();
	CHECK(status_now().count[VPI_ACTIVE] == 0);
	CHECK(!vpi_detach(0));
}

void group(struct progress *shared)
{
	uint64_t random = config.seed;
	unsigned int i;

	progress = shared;
	catch(SIGUSR1);
	catch(SIGUSR2);
	/* Only workers die of it, and only where they may. */
	block_deadly_signal(SIG_BLOCK);
	oracle_start(config.workers + 16 + config.operations / 40);
	controller_start(config.target);
	CHECK(vpi_mode(VPI_MASK_ALL, VPI_MODE_ALL) >= 0);
	managers_start();
	server_start();
	for (i = 0; i < config.workers; i++)
		worker_start(&workers[i], &random);
	for (i = 1; i <= config.rests; i++) {
		operate_until(config.operations * i / config.rests, &random);
		if (config.end == EXECUTES && i == config.rests)
			execute();
		come_to_rest();
		if (i < config.rests)
			go_on(&random);
	}
	everybody_leaves();
}
