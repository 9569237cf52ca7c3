/* init and finish: one instance at a time, any number one after the other. */
#include "tap.h"

static atomic_int runs;

static void manager(vpi_user_data_t *ud)
{
	atomic_fetch_add(&runs, 1);
	serve(ud);
}

int main(void)
{
	struct vpi_init_options bad = { .flags = VPI_ATTACH_INIT };
	struct sigaction action;
	int ret = 0;

	plan(23);
	is(vpi_init(-1, NULL, manager, NULL, 0), -EINVAL, "a negative count");
	is(vpi_init(1, NULL, NULL, NULL, 0), -EINVAL, "VPs without a manager");
	is(vpi_init(0, NULL, NULL, NULL, -1), -EINVAL, "a negative mask");
	is(vpi_init(0, NULL, NULL, NULL, 0x100), -EINVAL, "an unknown mask bit");
	is(vpi_init_with(&bad), -EINVAL, "an unknown flag");
	bad = (struct vpi_init_options){ .stack_size = 1 };
	is(vpi_init_with(&bad), -EINVAL, "a stack too small for anything");
	bad = (struct vpi_init_options){ .target = VPI_MAX_VPS + 1 };
	is(vpi_init_with(&bad), -EINVAL, "too many processors");
	ok(!vpi_get_vp() && !vpi_get_page(), "nothing is left of all these");

	is(vpi_init(3, &runs, manager, NULL, VPI_MASK_USUAL), 0, "init");
	is(vpi_init(0, NULL, NULL, NULL, 0), -EBUSY, "init again: busy");
	is(vpi_get_vp_count(), 4, "the caller and three more");
	ok(vpi_get_data() == &runs, "the caller's first data");
	ok(vpi_get_vp(), "the caller has a handle");
	need(vpi_kernel_wait_register(3));
	is(runs, 3, "the managers run");
	is(vpi_get_registered_count(), 3, "all three are registered");
	is(vpi_get_active_count(), 1, "the caller is active");
	is(vpi_finish(42), 42, "finish returns the status");
	is_only_thread("no thread is left");
	ok(!vpi_get_vp() && !vpi_get_page(), "the caller is no VP any more");
	is(vpi_finish(0), -EPERM, "finish again");
	sigaction(VPI_INTERRUPT_SIGNAL, NULL, &action);
	ok(action.sa_handler == SIG_DFL, "the signal's handler is gone");

	for (int i = 0; i < 200 && ret == 0; i++) {
		ret = vpi_init(2, NULL, manager, NULL, VPI_MASK_USUAL);
		if (ret == 0)
			ret = vpi_finish(0);
	}
	is(ret, 0, "200 instances one after the other");
	is_only_thread("no thread is left of them");
	return done();
}
