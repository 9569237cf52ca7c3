/* 1 000 VPs at once. */
#include "tap.h"

#define VPS	1000

int main(void)
{
	struct vpi_init_options options = {
		.vpcount = VPS,
		.vpmem = serve,
		.mask = VPI_MASK_USUAL,
	};

	plan(5);
	is(vpi_init_with(&options), 0, "init, with stacks of 8 MiB");
	is(vpi_kernel_wait_register(VPS), 0, "all are registered");
	is(vpi_get_vp_count(), VPS + 1, "all count");
	is(vpi_finish(0), 0, "finish");
	is_only_thread("no thread is left");
	return done();
}
