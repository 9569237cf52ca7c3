/* System VPs: counted nowhere, never notified, never held. */
#include "tap.h"

static int pipe_fd[2];
static atomic_int reads;

static void reader(vpi_user_data_t *ud)
{
	char byte;

	vpi_noupcall_clear();
	while (read(pipe_fd[0], &byte, 1) == 1)
		if (atomic_fetch_add(&reads, 1) == 1)
			break;
	serve(ud);
}

int main(void)
{
	struct vpi_init_options options = {
		.flags = VPI_ATTACH_SYSTEM, .mask = VPI_MASK_USUAL,
	};
	vpi_user_data_t ud = { .deadline = VPI_NO_WAIT };

	plan(10);
	need(pipe(pipe_fd));
	need(vpi_init(0, NULL, NULL, NULL, VPI_MASK_USUAL));
	is(vpi_create_system(reader), 0, "create_system");
	is(vpi_get_vp_count(), 1, "it does not count as a VP");
	is(vpi_get_active_count(), 1, "... nor as active");
	for (int i = 1; i <= 2; i++) {
		need(write(pipe_fd[1], "x", 1));
		wait_until(&reads, i);
	}
	is(vpi_kernel_register(&ud), -ETIMEDOUT, "its reads are not notified");
	is(vpi_kernel_status(), 0, "it is not counted as registered");
	is(vpi_finish(0), 0, "finish");

	/* The main VP as a system VP: the Node addon's home thread. */
	need(vpi_init_with(&options));
	is(vpi_get_vp_count(), 0, "a main VP that does not count");
	need(vpi_create(serve));
	need(vpi_kernel_wait_register(1));
	is(vpi_get_registered_count(), 1, "the one that it created does");
	is(vpi_finish(3), 3, "finish");
	is_only_thread("no thread is left");
	return done();
}
