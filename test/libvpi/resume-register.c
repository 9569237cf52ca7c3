/* resume_register: the held VP goes on, the caller waits, in one call. */
#include "tap.h"

#define ROUNDS	200

static int pipe_fd[2];
static atomic_int reads;

static void reader(vpi_user_data_t *ud)
{
	char byte;

	for (int i = 0; i < ROUNDS; i++) {
		vpi_noupcall_clear();
		if (read(pipe_fd[0], &byte, 1) == 1)
			atomic_fetch_add(&reads, 1);
		vpi_noupcall_set();
	}
	serve(ud);
}

int main(void)
{
	struct vpi_create_options options = { 0 };
	vpi_user_data_t ud = { 0 };
	int blocked = 0, unblocked = 0, ret;
	bool in_step = true;

	plan(8);
	need(pipe(pipe_fd));
	need(vpi_init(0, NULL, NULL, NULL, VPI_MASK_USUAL));
	need(vpi_create_with(reader, &options));

	ret = vpi_kernel_register(&ud);
	while (ret == 0 && unblocked < ROUNDS) {
		if (ud.type == VPI_BLOCKED) {
			blocked++;
			if (write(pipe_fd[1], "x", 1) != 1)
				break;
			ret = vpi_kernel_register(&ud);
		} else {
			in_step &= unblocked++ == atomic_load(&reads);
			if (unblocked < ROUNDS)
				ret = vpi_kernel_resume_register(&ud);
		}
	}
	is(ret, 0, "every call brought an upcall");
	is(blocked, ROUNDS, "BLOCKED each time");
	is(unblocked, ROUNDS, "UNBLOCKED each time");
	ok(in_step, "the reader never ran before it was resumed");

	ud.vp = options.vp;
	ud.seq = 1;
	is(vpi_kernel_resume_register(&ud), -ESTALE, "a block long over");
	is(vpi_get_registered_count(), 0, "... and the caller is not registered");
	ud.vp = options.vp;
	ud.seq = VPI_SEQ_ANY;
	ud.deadline = VPI_NO_WAIT;
	is(vpi_kernel_resume_register(&ud), -ETIMEDOUT,
	   "the last resume is done though no upcall came");
	wait_until(&reads, ROUNDS);
	is(vpi_finish(0), 0, "finish");
	return done();
}
