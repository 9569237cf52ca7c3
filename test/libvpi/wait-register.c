/* wait_register: until so many VPs are registered. */
#include "tap.h"

int main(void)
{
	plan(7);
	need(vpi_init(5, NULL, serve, NULL, VPI_MASK_USUAL));
	is(vpi_kernel_wait_register(5), 0, "all five");
	is(vpi_kernel_status(), 5, "the kernel says so");
	is(vpi_get_registered_count(), 5, "... and the page");
	is(vpi_kernel_wait_register(2), 0, "fewer are there already");
	is(vpi_kernel_wait_register(0), -EINVAL, "none");
	is(vpi_kernel_wait_register(-3), -EINVAL, "a negative number");
	is(vpi_finish(0), 0, "finish");
	return done();
}
