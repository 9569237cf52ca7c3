/* interrupt: a blocked call fails with EINTR, and the VP is held as ever. */
#include "tap.h"

static int pipe_fd[2];
static atomic_int interrupted;

static void reader(vpi_user_data_t *ud)
{
	char byte;

	vpi_noupcall_clear();
	if (read(pipe_fd[0], &byte, 1) < 0 && errno == EINTR)
		atomic_fetch_add(&interrupted, 1);
	vpi_noupcall_set();
	serve(ud);
}

int main(void)
{
	struct vpi_create_options options = { 0 };
	vpi_user_data_t ud = { 0 };

	plan(8);
	need(pipe(pipe_fd));
	need(vpi_init(0, NULL, NULL, NULL, VPI_MASK_USUAL));
	need(vpi_create_with(reader, &options));
	need(vpi_kernel_register(&ud));
	is(ud.type, VPI_BLOCKED, "it is blocked");
	is(vpi_interrupt(ud.vp), 0, "interrupt");
	need(vpi_kernel_register(&ud));
	is(ud.type, VPI_UNBLOCKED, "UNBLOCKED");
	is(interrupted, 0, "it is held");
	is(vpi_kernel_resume(&ud.vp), 0, "resume");
	wait_until(&interrupted, 1);
	is(vpi_interrupt((void *)1), -ESRCH, "no VP");
	is(vpi_finish(0), 0, "finish");
	is(vpi_interrupt(options.vp), -ESRCH, "a VP that is gone");
	return done();
}
