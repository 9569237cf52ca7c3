/* resume: one VP, any VP, with a parameter; what it says when it cannot. */
#include "tap.h"

static atomic_int calls, woken;
static uint64_t last_arg;
static void *main_vp;
static bool before_manager;

static void on_resume(vpi_user_data_t *ud)
{
	last_arg = ud->arg;
	atomic_fetch_add(&calls, 1);
}

static void manager(vpi_user_data_t *ud)
{
	while (vpi_kernel_register(ud) == 0) {
		before_manager = calls == woken + 1 && last_arg == ud->arg &&
				 ud->type == VPI_RESUMED && ud->vp == main_vp;
		atomic_fetch_add(&woken, 1);
	}
}

static void returns(vpi_user_data_t *ud)
{
	(void)ud;
}

int main(void)
{
	struct vpi_create_options server = { 0 }, gone = { 0 };
	vpi_user_data_t ud = { .deadline = VPI_NO_WAIT };
	void *none = NULL, *foreign = (void *)0x123456789ULL;
	int ret;

	plan(17);
	need(vpi_init(0, NULL, NULL, on_resume, VPI_MASK_USUAL));
	main_vp = vpi_get_vp();
	need(vpi_create_with(manager, &server));
	need(vpi_create_with(returns, &gone));
	need(vpi_kernel_wait_register(1));

	is(vpi_kernel_resume_arg(server.vp, VPI_SEQ_ANY, 7), 0,
	   "resume a registered VP");
	wait_until(&woken, 1);
	is((long long)last_arg, 7, "it gets the parameter");
	ok(before_manager, "vpresume was called before its manager saw it");
	need(vpi_kernel_wait_register(1));
	is(vpi_kernel_resume(&none), 0, "resume any VP");
	wait_until(&woken, 2);
	need(vpi_kernel_wait_register(1));
	is(vpi_kernel_resume(NULL), 0, "... the short way");
	wait_until(&woken, 3);
	is((long long)last_arg, 0, "without a parameter it is 0");
	need(vpi_kernel_wait_register(1));
	is(vpi_kernel_resume(&server.vp), 0, "resume by the paper's call");
	wait_until(&woken, 4);
	need(vpi_kernel_wait_register(1));
	is(vpi_kernel_resume_arg(server.vp, 99, 0), -ESTALE,
	   "resume after a block that never was");

	is(vpi_kernel_resume(&main_vp), -EAGAIN, "an active VP");
	while ((ret = vpi_kernel_resume(&gone.vp)) == -EAGAIN)
		sched_yield();
	is(ret, -ESRCH, "a VP that is gone");
	is(vpi_kernel_resume(&foreign), -EXDEV, "no handle at all");

	/* With its only candidate taken, the event waits for the next one. */
	is(vpi_kernel_resume(&server.vp), 0, "take the registered VP");
	is(vpi_kernel_register(&ud), -ETIMEDOUT, "nothing is queued");
	need(vpi_kernel_wait_register(1));
	is(vpi_kernel_resume_arg(NULL, VPI_SEQ_ANY, 8), 0, "any, with 8");
	wait_until(&woken, 6);
	is((long long)last_arg, 8, "it came");

	is(vpi_finish(0), 0, "finish");
	is(calls, 6, "finish calls no vpresume");
	return done();
}
