/* finish at any moment: VPs on their way into calls, out of them, or held. */
#include "tap.h"

#define ROUNDS	300
#define VPS	6

static int pipe_fd[2];

static void reader(vpi_user_data_t *ud)
{
	char byte;

	while (!vpi_is_finishing()) {
		vpi_noupcall_clear();
		if (read(pipe_fd[0], &byte, 1) == 1 &&
		    write(pipe_fd[1], &byte, 1) != 1)
			break;
		vpi_noupcall_set();
		ud->deadline = VPI_NO_WAIT;
		if (vpi_kernel_register(ud) == 0 && ud->type == VPI_UNBLOCKED)
			vpi_kernel_resume_arg(ud->vp, ud->seq, 0);
	}
}

static void server(vpi_user_data_t *ud)
{
	int ret;

	while ((ret = vpi_kernel_register(ud)) != -ECANCELED)
		if (ret == 0 && ud->type == VPI_UNBLOCKED)
			vpi_kernel_resume_arg(ud->vp, ud->seq, 0);
}

int main(void)
{
	int ret = 0;

	plan(2);
	need(pipe(pipe_fd));
	need(write(pipe_fd[1], "xy", 2));
	for (int i = 0; i < ROUNDS && ret == 0; i++) {
		need(vpi_init(VPS, NULL, reader, NULL, VPI_MASK_USUAL));
		need(vpi_create(server));
		for (int spin = 0; spin < i % 50; spin++)
			sched_yield();
		ret = vpi_finish(0);
	}
	is(ret, 0, "300 instances came to their end");
	is_only_thread("no thread is left");
	return done();
}
