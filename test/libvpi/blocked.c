/* The paper's cycle: BLOCKED, UNBLOCKED, resume; held until then. */
#include "tap.h"

static int pipe_fd[2];
static atomic_int reads;
static char data, byte;

static void reader(vpi_user_data_t *ud)
{
	for (uint64_t i = 1; i <= 3; i++) {
		vpi_set_data(&data);
		vpi_set_cookie(1000 + i);
		vpi_noupcall_clear();
		if (read(pipe_fd[0], &byte, 1) == 1)
			atomic_fetch_add(&reads, 1);
		vpi_noupcall_set();
	}
	serve(ud);
}

static void next(vpi_user_data_t *ud, int type, const char *name)
{
	need(vpi_kernel_register(ud));
	is(ud->type, type, name);
}

int main(void)
{
	struct vpi_create_options options = { 0 };
	struct vpi_status status;
	vpi_user_data_t ud = { 0 };
	uint64_t seq;

	plan(26);
	need(pipe(pipe_fd));
	need(vpi_init(0, NULL, NULL, NULL, VPI_MASK_USUAL));
	need(vpi_create_with(reader, &options));

	for (int i = 1; i <= 3; i++) {
		next(&ud, VPI_BLOCKED, "BLOCKED");
		ok(ud.vp == options.vp && ud.data == &data,
		   "... of the reader, with its data");
		is((long long)ud.cookie, 1000 + i, "... and its cookie");
		seq = ud.seq;
		is(write(pipe_fd[1], "x", 1), 1, "what it waits for is there");
		next(&ud, VPI_UNBLOCKED, "UNBLOCKED");
		ok(ud.seq == seq, "... of the same block");
		wait_for_state(options.vp, VPI_WAITRESUME);
		is(reads, i - 1, "it is held");
		is(vpi_kernel_resume_arg(ud.vp, ud.seq, 0), 0, "resume");
		wait_until(&reads, i);
	}
	wait_for_state(options.vp, VPI_REGISTERED);
	need(vpi_kernel_status_of(NULL, &status));
	ok(status.blocks == status.seen + status.cancels &&
	   status.seen == status.unblocked + status.released,
	   "the kernel's counters agree");
	is(vpi_finish(0), 0, "finish");
	return done();
}
