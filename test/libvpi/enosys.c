/* On a kernel without VPI every function says so, and nothing is left. */
#include "tap.h"

#include <signal.h>
#include <sys/syscall.h>

static atomic_int runs;

static void manager(vpi_user_data_t *ud)
{
	(void)ud;
	atomic_fetch_add(&runs, 1);
}

int main(void)
{
	struct vpi_init_options options = { .vpcount = 2, .vpmem = manager };
	struct vpi_status status;
	vpi_user_data_t ud = { 0 };
	struct sigaction action;
	vpi_lock_t lock;

	if (syscall(__NR_vpi_detach, 0) == 0 || errno != ENOSYS) {
		printf("TAP version 13\n1..0 # SKIP this kernel has VPI\n");
		return 0;
	}
	plan(25);
	errno = 0;
	is(vpi_init(0, NULL, NULL, NULL, VPI_MASK_USUAL), -ENOSYS, "init");
	is(vpi_init(2, NULL, manager, NULL, VPI_MASK_USUAL), -ENOSYS,
	   "init with VPs, again");
	is(vpi_init_with(&options), -ENOSYS, "init with options");
	is(errno, 0, "errno is left alone");
	is(runs, 0, "no manager has run");
	is_only_thread("no thread is left");
	sigaction(VPI_INTERRUPT_SIGNAL, NULL, &action);
	ok(action.sa_handler == SIG_DFL, "no signal handler is left");
	ok(!vpi_get_page(), "there is no page");

	is(vpi_create(manager), -EPERM, "create");
	is(vpi_create_system(manager), -EPERM, "create_system");
	is(vpi_exit(), -EPERM, "exit");
	is(vpi_finish(0), -EPERM, "finish");
	is(vpi_interrupt(NULL), -ESRCH, "interrupt");
	is(vpi_kernel_register(&ud), -EPERM, "register");
	is(vpi_kernel_resume_register(&ud), -EPERM, "resume_register");
	is(vpi_kernel_resume(NULL), -EPERM, "resume");
	is(vpi_kernel_wait_register(1), -EPERM, "wait_register");
	is(vpi_kernel_status(), -EPERM, "status");
	is(vpi_kernel_status_of(NULL, &status), -EPERM, "status_of");
	is(vpi_kernel_mode(0), -EPERM, "mode");
	is(vpi_get_vp_count(), 0, "there is no VP");
	ok(vpi_get_cpu_count() >= 1, "there is a CPU");
	vpi_set_data(&ud);
	ok(!vpi_get_data() && !vpi_get_vp(), "there is no data");

	/* For any thread; NOUPCALL has no meaning here. */
	vpi_noupcall_clear();
	vpi_lock_init(&lock);
	vpi_lock_acquire(&lock);
	is(vpi_lock_tryacquire(&lock), -EBUSY, "locks work all the same");
	vpi_lock_release(&lock);
	is(vpi_lock_tryacquire(&lock), 0, "... and are released");
	vpi_lock_release(&lock);
	vpi_lock_free(&lock);
	return done();
}
