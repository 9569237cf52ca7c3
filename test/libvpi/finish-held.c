/* finish while VPs are held, and while the main VP waits for others. */
#include "tap.h"

#define VPS	20

static int pipe_fd[2];
static atomic_int reads;

static void reader(vpi_user_data_t *ud)
{
	char byte;

	vpi_noupcall_clear();
	if (read(pipe_fd[0], &byte, 1) == 1)
		atomic_fetch_add(&reads, 1);
	ok(vpi_kernel_register(ud) == -ECANCELED, "register is over");
}

int main(void)
{
	char bytes[VPS] = { 0 };
	vpi_user_data_t ud = { 0 };
	int unblocked = 0;

	plan(VPS + 5);
	need(pipe(pipe_fd));
	need(vpi_init(VPS, NULL, reader, NULL, VPI_MASK_USUAL));
	for (int blocked = 0; blocked < VPS; blocked++) {
		need(vpi_kernel_register(&ud));
		if (ud.type != VPI_BLOCKED)
			break;
	}
	need(write(pipe_fd[1], bytes, VPS));
	while (unblocked < VPS) {
		need(vpi_kernel_register(&ud));
		unblocked += ud.type == VPI_UNBLOCKED;
	}
	is(reads, 0, "all are held");
	is(vpi_finish(9), 9, "finish");
	is(reads, VPS, "all have come back from their read");
	is_only_thread("no thread is left");
	is(vpi_create(serve), -EPERM, "it is over");
	return done();
}
