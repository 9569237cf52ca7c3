/*
 * interruptible: an interrupt before each single instruction of vpi_syscall().
 * It must keep the call from being made; the same done to syscall() is missed.
 * And what vpi_syscall() must do beside, as any system call.
 */
#include "tap.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>

typedef long call(long nr, ...);

/* Long enough for either function. */
#define LONGEST		256

static int pipe_fd[2];
static atomic_int ended;

/* What the single steps are to do, and what they have seen. */
static struct {
	uintptr_t function;
	int when;		/* before which of its instructions */
	bool entered;
	int steps;		/* instructions of it so far */
	bool at_call;		/* the next one is the system call */
	bool called;		/* it is behind us */
	bool sent;
} step;

static void single_step(bool on)
{
	if (on)
		asm volatile("pushfq; orl $0x100, (%%rsp); popfq" ::: "cc", "memory");
	else
		asm volatile("pushfq; andl $~0x100, (%%rsp); popfq" ::: "cc", "memory");
}

/*
 * Before each instruction. The signal waits until this handler returns: then
 * it comes exactly there.
 */
static void on_step(int signo, siginfo_t *info, void *argument)
{
	ucontext_t *context = argument;
	uintptr_t pc = (uintptr_t)context->uc_mcontext.gregs[REG_RIP];

	(void)signo;
	(void)info;
	step.entered |= pc == step.function;
	if (!step.entered || step.sent)
		return;
	if (pc < step.function || pc >= step.function + LONGEST) {
		/* It has returned. */
		context->uc_mcontext.gregs[REG_EFL] &= ~0x100;
		return;
	}
	step.called |= step.at_call;
	step.at_call = !memcmp((void *)pc, "\x0f\x05", 2);
	if (step.steps++ != step.when)
		return;
	step.sent = true;
	context->uc_mcontext.gregs[REG_EFL] &= ~0x100;
	need(vpi_interrupt(vpi_get_vp()));
}

/* Writes a byte by @function, interrupted before its instruction @when. */
static long write_interrupted(call *function, int when)
{
	volatile long ret;

	memset(&step, 0, sizeof(step));
	step.function = (uintptr_t)function;
	step.when = when;
	single_step(true);
	ret = function(SYS_write, (long)pipe_fd[1], (long)"x", 1L, 0L, 0L, 0L);
	single_step(false);
	return ret;
}

static int bytes_in_pipe(void)
{
	char bytes[16];
	ssize_t n = read(pipe_fd[0], bytes, sizeof(bytes));

	return n < 0 ? 0 : (int)n;
}

/* Counts the instructions before which something else happened than should. */
static void step_through(void)
{
	int tried = 0, wrong = 0;
	bool at_call = false;

	for (;;) {
		long ret = write_interrupted((call *)vpi_syscall, tried);
		int written = bytes_in_pipe();

		if (!step.sent)
			break;
		tried++;
		at_call |= step.at_call;
		wrong += step.called ? ret != 1 || written != 1 :
				       ret != -EINTR || written != 0;
	}
	ok(tried > 1 && at_call, "an interrupt up to the system call");
	is(wrong, 0, "the call is not made");
}

/* This is how a plain system call misses it. */
static void step_into_syscall(void)
{
	long ret = write_interrupted((call *)syscall, 0);

	ok(step.sent && !step.called, "an interrupt at the entry of syscall()");
	is(ret, 1, "the call is made all the same");
	is(bytes_in_pipe(), 1, "the byte is written");
}

static void stepped(vpi_user_data_t *unused)
{
	struct sigaction action = {
		.sa_sigaction = on_step,
		.sa_flags = SA_SIGINFO,
	};

	sigfillset(&action.sa_mask);
	(void)unused;
	need(sigaction(SIGTRAP, &action, NULL));
	step_through();
	step_into_syscall();
	atomic_store(&ended, 1);
}

/* A file of two pages: the second one has to be asked for by the last argument. */
static void six_arguments(void)
{
	long size = sysconf(_SC_PAGESIZE), ret;
	int fd = memfd_create("two pages", 0);

	need(fd);
	need(ftruncate(fd, 2 * size));
	need(pwrite(fd, "2", 1, size));
	ret = vpi_syscall(SYS_mmap, 0, size, PROT_READ, MAP_PRIVATE, fd, size);
	ok(ret > 0 && *(const char *)ret == '2', "six arguments");
}

static void caller(vpi_user_data_t *ud)
{
	char byte;
	long ret;

	six_arguments();
	errno = E2BIG;
	is(vpi_syscall(SYS_close, -1, 0, 0, 0, 0, 0), -EBADF, "an error");
	/* The call itself interrupts: the result is there when that comes. */
	is(vpi_syscall(SYS_tgkill, getpid(), gettid(), VPI_INTERRUPT_SIGNAL,
		       0, 0, 0), 0, "an interrupt behind the call");
	vpi_noupcall_clear();
	ret = vpi_syscall(SYS_read, pipe_fd[0], (long)&byte, 1, 0, 0, 0);
	vpi_noupcall_set();
	is(ret, -EINTR, "a blocked call is interrupted");
	is(errno, E2BIG, "errno is left alone");
	atomic_store(&ended, 2);
	serve(ud);
}

/* As for any other call. */
static void interrupt_the_blocked(void)
{
	vpi_user_data_t ud = { 0 };

	need(vpi_kernel_register(&ud));
	is(ud.type, VPI_BLOCKED, "it is blocked");
	is(vpi_interrupt(ud.vp), 0, "interrupt");
	need(vpi_kernel_register(&ud));
	is(ud.type, VPI_UNBLOCKED, "UNBLOCKED");
	is(vpi_kernel_resume(&ud.vp), 0, "resume");
}

int main(void)
{
	plan(15);
	need(pipe(pipe_fd));
	need(fcntl(pipe_fd[0], F_SETFL, O_NONBLOCK));
	need(vpi_init(0, NULL, NULL, NULL, VPI_MASK_USUAL));
	need(vpi_create(stepped));
	wait_until(&ended, 1);
	need(fcntl(pipe_fd[0], F_SETFL, 0));
	need(vpi_create(caller));
	interrupt_the_blocked();
	wait_until(&ended, 2);
	is(vpi_finish(0), 0, "finish");
	return done();
}
