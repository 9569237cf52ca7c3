/* Deadlines of register. */
#include "tap.h"

#include <time.h>

static int64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

int main(void)
{
	vpi_user_data_t ud = { .deadline = VPI_NO_WAIT };

	plan(8);
	need(vpi_init(0, NULL, NULL, NULL, VPI_MASK_USUAL));
	is(vpi_kernel_register(&ud), -ETIMEDOUT, "no wait, nothing queued");
	is(ud.deadline, VPI_NO_WAIT, "the deadline is kept");
	ud.deadline = now() - 1;
	is(vpi_kernel_register(&ud), -ETIMEDOUT, "a deadline in the past");
	ud.deadline = now() + 20000000;
	is(vpi_kernel_register(&ud), -ETIMEDOUT, "one in the future");
	ok(now() >= ud.deadline, "... not before it");

	need(vpi_kernel_resume(NULL));
	ud.deadline = VPI_NO_WAIT;
	is(vpi_kernel_register(&ud), 0, "what is queued comes without waiting");
	is(ud.type, VPI_RESUMED, "... and it is the right one");
	is(vpi_finish(0), 0, "finish");
	return done();
}
