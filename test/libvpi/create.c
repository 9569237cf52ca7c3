/* create and exit: a VP's manager, its first upcall, its end. */
#include "tap.h"

#include <pthread.h>

static atomic_int step, ended;
static vpi_user_data_t first;
static int data;

static void manager(vpi_user_data_t *ud)
{
	first = *ud;
	ok(ud->vp == vpi_get_vp(), "the first upcall names its own VP");
	ok(vpi_get_data() == &data, "the data that it was created with");
	atomic_store(&step, 1);
	serve(ud);
}

static void exits(vpi_user_data_t *ud)
{
	(void)ud;
	vpi_exit();
	ok(false, "exit does not return");
}

static void pthread_exits(vpi_user_data_t *ud)
{
	(void)ud;
	pthread_exit(NULL);
}

static void returns(vpi_user_data_t *ud)
{
	(void)ud;
	atomic_fetch_add(&ended, 1);
}

static void signals(vpi_user_data_t *ud)
{
	sigset_t set;

	(void)ud;
	pthread_sigmask(SIG_SETMASK, NULL, &set);
	ok(sigismember(&set, SIGINT) && sigismember(&set, SIGTERM),
	   "a created VP blocks signals");
	ok(!sigismember(&set, SIGSEGV) && !sigismember(&set, SIGBUS),
	   "... but not those of its own errors");
	ok(!sigismember(&set, VPI_INTERRUPT_SIGNAL), "... and not libvpi's");
}

static void wait_for_count(int count)
{
	while (vpi_get_vp_count() > count)
		sched_yield();
}

int main(void)
{
	struct vpi_create_options options = { .data = &data };
	struct vpi_status status;
	sigset_t set;
	int ret = 0;

	plan(18);
	is(vpi_create(manager), -EPERM, "create without an instance");
	need(vpi_init(0, NULL, NULL, NULL, VPI_MASK_USUAL));
	is(vpi_create(NULL), -EINVAL, "create without a manager");
	is(vpi_exit(), -EINVAL, "the main VP ends by finish");

	is(vpi_create_with(manager, &options), 0, "create");
	wait_until(&step, 1);
	ok(first.vp == options.vp, "its handle is returned");
	is(first.type, 0, "the first upcall is none");
	is(vpi_get_vp_count(), 2, "there are two VPs");

	is(vpi_create(exits), 0, "a VP that exits");
	wait_for_count(2);
	is(vpi_create(pthread_exits), 0, "a VP that ends by pthread_exit");
	wait_for_count(2);
	is(vpi_create(signals), 0, "a VP that looks at its signals");
	wait_for_count(2);
	pthread_sigmask(SIG_SETMASK, NULL, &set);
	ok(!sigismember(&set, SIGINT), "the creator's signals are as before");

	for (int i = 0; i < 1000 && ret == 0; i++)
		ret = vpi_create(returns);
	is(ret, 0, "1 000 VPs whose manager returns");
	wait_for_count(2);
	is(ended, 1000, "all of them have run");
	need(vpi_kernel_status_of(NULL, &status));
	need(vpi_finish(0));
	return done();
}
