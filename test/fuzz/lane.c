/* Does one operation after the other; signals may end each of them early. */
#include "lane.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"
#include "calls.h"
#include "vpi_random.h"
#include "vpi_sys.h"

__thread sigjmp_buf lane_exit;
__thread volatile bool lane_may_exit;
__thread struct lane *this_lane;

/* Ends whatever sleeps; without SA_RESTART. */
static void on_usr1(int sig)
{
	(void)sig;
}

/*
 * A handler that does what a handler of a held VP may do, too. It may come
 * between a call that has failed and the look at errno.
 */
static void on_usr2(int sig)
{
	static __thread uint64_t random;
	static __thread struct vpi_event event;
	int err = errno;

	(void)sig;
	if (!lane_may_exit)
		return;
	if (!random)
		random = run->seed + gettid();
	switch (random_below(&random, 8)) {
	case 0:
		vpi_register(&event, sizeof(event), 0, 0);
		break;
	case 1:
		vpi_register(&event, sizeof(event), VPI_NO_DEADLINE, 0);
		break;
	case 2:
		vpi_detach(0);
		break;
	case 3:
		vpi_wait_register(1);
		break;
	case 4:
		vpi_resume(this_lane->handle, VPI_SEQ_ANY, 0, 0);
		break;
	case 5:
		siglongjmp(lane_exit, 1);
	default:
		break;
	}
	errno = err;
}

/* The shared page may be gone; anything else is this program's mistake. */
static void on_fault(int sig)
{
	if (lane_may_exit)
		siglongjmp(lane_exit, 1);
	signal(sig, SIG_DFL);
}

static void handle(int sig, void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	sigaction(sig, &action, NULL);
}

void lane_handlers(void)
{
	/* A handler may sleep above another one's frame, and must be woken. */
	handle(SIGUSR1, on_usr1, SA_NODEFER);
	handle(SIGUSR2, on_usr2, SA_NODEFER | SA_RESTART);
	handle(SIGSEGV, on_fault, 0);
	handle(SIGBUS, on_fault, 0);
	/* Children are not waited for. */
	handle(SIGCHLD, SIG_IGN, 0);
}

static void perform(struct lane *lane, const struct op *op)
{
	uint64_t random = op->random;

	calls[op->call].perform(lane, &random);
	if (run->flaw == op->call + 1 && op->random % 8 == 0)
		fail("the flaw that was asked for, in %s",
		     calls[op->call].name);
}

static void *lane_thread(void *arg)
{
	struct lane *lane = arg;
	const struct op *op;

	this_lane = lane;
	lane->tid = gettid();
	while (lane->next < lane->end) {
		op = &run->op[lane->next];
		/* Before it is done: one that ends the process is done, too. */
		__atomic_store_n(&lane->next, lane->next + 1, __ATOMIC_SEQ_CST);
		if (!sigsetjmp(lane_exit, 1)) {
			lane_may_exit = true;
			perform(lane, op);
		}
		lane_may_exit = false;
	}
	return NULL;
}

bool lane_start(struct lane *lane, pthread_t *thread)
{
	return !pthread_create(thread, NULL, lane_thread, lane);
}
