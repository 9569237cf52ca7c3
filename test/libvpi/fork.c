/* A child is no VP, and may have an instance of its own. */
#include "tap.h"

#include <sys/wait.h>

static int child(void)
{
	if (vpi_get_vp() || vpi_get_page() || vpi_get_vp_count())
		return 1;
	if (vpi_kernel_status() != -EPERM || vpi_finish(0) != -EPERM)
		return 2;
	vpi_noupcall_clear();
	if (vpi_init(2, NULL, serve, NULL, VPI_MASK_USUAL) < 0)
		return 3;
	if (vpi_kernel_wait_register(2) < 0)
		return 4;
	return vpi_finish(0) == 0 ? 0 : 5;
}

int main(void)
{
	int status = -1;
	pid_t pid;

	plan(5);
	need(vpi_init(2, NULL, serve, NULL, VPI_MASK_USUAL));
	need(vpi_kernel_wait_register(2));
	pid = fork();
	if (pid == 0)
		_exit(child());
	is(waitpid(pid, &status, 0), pid, "the child ended");
	is(status, 0, "... and found everything as it should be");
	is(vpi_kernel_status(), 2, "the parent's VPs are there");
	is(vpi_finish(0), 0, "finish");
	is_only_thread("no thread is left");
	return done();
}
