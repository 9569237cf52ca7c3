/* NOUPCALL, set by hand and by a lock: no notification, no hold. */
#include "tap.h"

static int pipe_fd[2];
static atomic_int reads;
static vpi_lock_t lock, inner;

static void read_one(void)
{
	char byte;

	if (read(pipe_fd[0], &byte, 1) == 1)
		atomic_fetch_add(&reads, 1);
}

static void reader(vpi_user_data_t *ud)
{
	read_one();			/* set when the manager starts */
	vpi_noupcall_clear();
	vpi_noupcall_set();
	read_one();			/* set by hand */
	vpi_noupcall_clear();
	vpi_lock_acquire(&lock);
	read_one();			/* set by a lock */
	vpi_lock_acquire(&inner);
	vpi_lock_release(&lock);
	vpi_noupcall_clear();
	read_one();			/* still set by the other one */
	vpi_lock_release(&inner);
	read_one();			/* clear as it was before the locks */
	vpi_lock_acquire(&lock);
	vpi_noupcall_set();
	vpi_lock_release(&lock);
	read_one();			/* set inside, for afterwards */
	serve(ud);
}

int main(void)
{
	struct vpi_create_options options = { 0 };
	struct vpi_status status;
	vpi_user_data_t ud = { 0 };

	plan(7);
	vpi_lock_init(&lock);
	vpi_lock_init(&inner);
	need(pipe(pipe_fd));
	need(vpi_init(0, NULL, NULL, NULL, VPI_MASK_USUAL));
	need(vpi_create_with(reader, &options));
	for (int i = 1; i <= 4; i++) {
		need(write(pipe_fd[1], "x", 1));
		wait_until(&reads, i);
	}
	need(vpi_kernel_register(&ud));
	is(ud.type, VPI_BLOCKED, "the read outside is notified");
	is((long long)ud.seq, 1, "... and it is the first");
	need(write(pipe_fd[1], "x", 1));
	need(vpi_kernel_register(&ud));
	is(ud.type, VPI_UNBLOCKED, "... and held");
	is(vpi_kernel_resume(&ud.vp), 0, "resume");
	need(write(pipe_fd[1], "x", 1));
	wait_until(&reads, 6);
	wait_for_state(options.vp, VPI_REGISTERED);
	need(vpi_kernel_status_of(NULL, &status));
	is((long long)status.blocks, 1, "no other read counts as a block");

	vpi_lock_acquire(&lock);
	is(vpi_kernel_register(&ud), -EDEADLK, "register with a lock held");
	vpi_lock_release(&lock);
	is(vpi_finish(0), 0, "finish");
	return done();
}
