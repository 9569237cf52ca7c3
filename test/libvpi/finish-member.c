/* finish on a member VP: whatever the main VP waits in, it hears of it. */
#include "tap.h"

static atomic_int returned, arrived;
static int pipe_fd[2];
static void *main_vp;

static void finisher(vpi_user_data_t *ud)
{
	(void)ud;
	while (!atomic_load(&arrived))
		sched_yield();
	atomic_fetch_add(&returned, vpi_finish(5));
}

static void late(vpi_user_data_t *ud)
{
	serve(ud);
	/* Not the first: its status does not count. */
	if (vpi_finish(6) == 5)
		atomic_fetch_add(&returned, 100);
}

static void start(vpi_user_func waits)
{
	atomic_store(&returned, 0);
	atomic_store(&arrived, 0);
	need(vpi_init(0, NULL, NULL, NULL, VPI_MASK_USUAL));
	main_vp = vpi_get_vp();
	need(vpi_create(finisher));
	need(vpi_create(waits));
	/* A manager that has not begun when the end comes never does. */
	need(vpi_kernel_wait_register(1));
	atomic_store(&arrived, 1);
}

int main(void)
{
	vpi_user_data_t ud = { 0 };
	char byte;

	plan(16);
	need(pipe(pipe_fd));

	start(late);
	is(vpi_kernel_register(&ud), -ECANCELED, "the main VP in register");
	is(vpi_is_finishing(), 1, "it is finishing");
	is(vpi_create(serve), -ECANCELED, "no VP is made any more");
	is(vpi_kernel_resume(NULL), -ECANCELED, "... nor resumed");
	is(vpi_init(0, NULL, NULL, NULL, 0), -EBUSY, "... nor a new instance");
	is(vpi_finish(7), 5, "the first status is the one");
	is(returned, 105, "the members have got it too");
	is(vpi_is_finishing(), 0, "it is over");

	start(serve);
	ok(read(pipe_fd[0], &byte, 1) < 0 && errno == EINTR,
	   "the main VP in read");
	is(vpi_kernel_register(&ud), -ECANCELED, "it hears of it");
	is(vpi_finish(7), 5, "finish");

	start(serve);
	is(vpi_kernel_wait_register(100), -ECANCELED,
	   "the main VP in wait_register");
	is(vpi_finish(7), 5, "finish");

	start(serve);
	while (!vpi_is_finishing())
		sched_yield();
	is(vpi_finish(7), 5, "the main VP busy");
	is(vpi_finish(0), -EPERM, "it was the end");
	is_only_thread("no thread is left");
	return done();
}
