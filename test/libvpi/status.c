/* status: the counts, and one VP. */
#include "tap.h"

int main(void)
{
	struct vpi_init_options init = {
		.vpcount = 2, .vpmem = serve,
		.mask = VPI_BLOCKED, .target = 3,
		.flags = VPI_ATTACH_NOFAULT,
	};
	struct vpi_create_options options = { .flags = VPI_ATTACH_SYSTEM };
	struct vpi_status status;

	plan(11);
	need(vpi_init_with(&init));
	need(vpi_create_with(serve, &options));
	need(vpi_kernel_wait_register(2));
	wait_for_state(options.vp, VPI_REGISTERED);
	is(vpi_kernel_status(), 2, "the paper's call: registered VPs");
	is(vpi_kernel_status_of(vpi_get_vp(), &status), 0, "the long one");
	ok(status.count[VPI_ACTIVE] == 1 && status.count[VPI_REGISTERED] == 2,
	   "counts");
	is(status.system, 1, "system VPs");
	is(status.target, 3, "the target");
	is(status.mask, VPI_BLOCKED, "the mask");
	ok(status.vp_state == VPI_ACTIVE && (pid_t)status.vp_tid == getpid(),
	   "the VP asked for");
	ok(status.vp_flags & VPI_ATTACH_NOFAULT, "it was attached NOFAULT");
	need(vpi_kernel_status_of(options.vp, &status));
	ok(status.vp_flags & VPI_ATTACH_SYSTEM, "another one");
	is(vpi_kernel_status_of((void *)1, &status), -EXDEV, "no VP");
	is(vpi_finish(0), 0, "finish");
	return done();
}
