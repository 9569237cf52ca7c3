/* Resuming any VP while none is registered wakes the next that registers. */
#include "tap.h"

int main(void)
{
	vpi_user_data_t ud = { 0 };

	plan(7);
	need(vpi_init(0, NULL, NULL, NULL, VPI_MASK_USUAL));
	is(vpi_kernel_resume_arg(NULL, VPI_SEQ_ANY, 5), 0, "nobody registered");
	is(vpi_kernel_resume_arg(NULL, VPI_SEQ_ANY, 6), 0, "again");
	is(vpi_get_queued_count(), 2, "both are queued");
	need(vpi_kernel_register(&ud));
	ok(ud.type == VPI_RESUMED && ud.arg == 5, "the first");
	is(ud.queued, 1, "... says how many are left");
	need(vpi_kernel_register(&ud));
	ok(ud.type == VPI_RESUMED && ud.arg == 6, "the second");
	is(vpi_finish(0), 0, "finish");
	return done();
}
