/* The smallest program that sees an upcall: main blocks in read(), another VP is told, and lets it go on. */
#include <stdio.h>
#include <unistd.h>
#include <vpi.h>

static int fds[2];

static void manager(vpi_user_data_t *ud)	/* on a VP of its own */
{
	vpi_kernel_register(ud);		/* sleeps until there is news */
	puts(ud->type == VPI_BLOCKED ? "main is blocked: I have its processor" : "?");
	write(fds[1], "x", 1);			/* what main waits for */
	vpi_kernel_register(ud);
	puts(ud->type == VPI_UNBLOCKED ? "main could go on, and is held" : "?");
	vpi_kernel_resume(&ud->vp);
}

int main(void)
{
	char byte;
	int ret = pipe(fds) ?: vpi_init(1, NULL, manager, NULL, VPI_BLOCKED | VPI_UNBLOCKED);

	if (ret) {
		fprintf(stderr, "upcall: error %d (38: a kernel without VPI; try: npx vpi run)\n", -ret);
		return 1;
	}
	vpi_kernel_wait_register(1);		/* the manager is ready */
	vpi_noupcall_clear();			/* tell from here on */
	read(fds[0], &byte, 1);
	vpi_noupcall_set();
	puts("main runs");
	return vpi_finish(0);
}
