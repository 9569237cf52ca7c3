/* finish while VPs are blocked, notified of or not, in calls of all kinds. */
#include "tap.h"

#include <linux/futex.h>
#include <poll.h>
#include <sys/syscall.h>
#include <time.h>

static int pipe_fd[2];
static atomic_int interrupted;

static void in_read(void)
{
	char byte;

	if (read(pipe_fd[0], &byte, 1) < 0 && errno == EINTR)
		atomic_fetch_add(&interrupted, 1);
}

static void in_futex(void)
{
	static int word;

	if (syscall(SYS_futex, &word, FUTEX_WAIT, 0, NULL) < 0 &&
	    errno == EINTR)
		atomic_fetch_add(&interrupted, 1);
}

static void in_nanosleep(void)
{
	struct timespec hours = { .tv_sec = 9999 };

	if (nanosleep(&hours, NULL) < 0 && errno == EINTR)
		atomic_fetch_add(&interrupted, 1);
}

static void in_poll(void)
{
	struct pollfd fd = { .fd = pipe_fd[0], .events = POLLIN };

	if (poll(&fd, 1, -1) < 0 && errno == EINTR)
		atomic_fetch_add(&interrupted, 1);
}

static void (*const calls[])(void) = {
	in_read, in_futex, in_nanosleep, in_poll,
};

static atomic_int next;

static void quietly(vpi_user_data_t *ud)
{
	calls[atomic_fetch_add(&next, 1) % 4]();
	ok(vpi_kernel_register(ud) == -ECANCELED, "register is over");
}

static void notified(vpi_user_data_t *ud)
{
	vpi_noupcall_clear();
	calls[atomic_fetch_add(&next, 1) % 4]();
	ok(vpi_kernel_register(ud) == -ECANCELED, "register is over");
}

int main(void)
{
	vpi_user_data_t ud = { 0 };

	plan(13);
	need(pipe(pipe_fd));
	need(vpi_init(4, NULL, notified, NULL, VPI_MASK_USUAL));
	for (int i = 0; i < 4; i++) {
		need(vpi_kernel_register(&ud));
		if (ud.type != VPI_BLOCKED)
			break;
	}
	is(vpi_finish(0), 0, "finish with four that were notified");
	is(interrupted, 4, "each call was interrupted");

	/* These may be anywhere on their way into the call. */
	need(vpi_init(4, NULL, quietly, NULL, VPI_MASK_USUAL));
	wait_until(&next, 8);
	is(vpi_finish(0), 0, "finish with four that were not");
	is(interrupted, 8, "each call was interrupted");
	is_only_thread("no thread is left");
	return done();
}
