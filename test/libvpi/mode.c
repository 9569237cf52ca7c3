/* mode: the masks of a VP and of the KCB; without one nothing is notified. */
#include "tap.h"

static int pipe_fd[2];
static atomic_int reads, go;

static void read_one(void)
{
	char byte;

	vpi_noupcall_clear();
	if (read(pipe_fd[0], &byte, 1) == 1)
		atomic_fetch_add(&reads, 1);
	vpi_noupcall_set();
}

/* With its own mask empty, then with the KCB's empty. */
static void reader(vpi_user_data_t *ud)
{
	int old = vpi_kernel_mode(0);

	ok(old & VPI_BLOCKED && old & VPI_UNBLOCKED, "a VP's mask is full");
	read_one();
	is(vpi_kernel_mode(VPI_BLOCKED | VPI_UNBLOCKED), 0, "it was empty");
	wait_until(&go, 1);
	read_one();
	wait_until(&go, 2);
	read_one();
	serve(ud);
}

int main(void)
{
	struct vpi_status status;
	vpi_user_data_t ud = { .deadline = VPI_NO_WAIT };

	plan(13);
	need(pipe(pipe_fd));
	need(vpi_init(0, NULL, NULL, NULL, VPI_BLOCKED | VPI_UNBLOCKED));
	is(vpi_kernel_mode(-1), -EINVAL, "a negative mask");
	is(vpi_kernel_mode(VPI_MASK_ALL + 1), -EINVAL, "an unknown bit");
	need(vpi_create(reader));
	need(write(pipe_fd[1], "x", 1));
	wait_until(&reads, 1);
	is(vpi_kernel_register(&ud), -ETIMEDOUT,
	   "its own mask empty: no notification");

	is(vpi_kernel_mode_all(0), VPI_BLOCKED | VPI_UNBLOCKED,
	   "the KCB's mask");
	atomic_store(&go, 1);
	need(write(pipe_fd[1], "x", 1));
	wait_until(&reads, 2);
	is(vpi_kernel_register(&ud), -ETIMEDOUT,
	   "the KCB's empty: no notification");
	need(vpi_kernel_status_of(NULL, &status));
	is((long long)status.blocks, 0, "nothing was counted as a block");

	/* BLOCKED alone: the reader comes back by itself. */
	is(vpi_kernel_mode_all(VPI_BLOCKED), 0, "the KCB's mask was empty");
	atomic_store(&go, 2);
	ud.deadline = VPI_FOREVER;
	need(vpi_kernel_register(&ud));
	is(ud.type, VPI_BLOCKED, "BLOCKED");
	need(write(pipe_fd[1], "x", 1));
	wait_until(&reads, 3);
	need(vpi_kernel_status_of(NULL, &status));
	is((long long)status.released, 1, "it was not held");
	ok(status.mask == VPI_BLOCKED, "status tells the mask");
	is(vpi_finish(0), 0, "finish");
	return done();
}
