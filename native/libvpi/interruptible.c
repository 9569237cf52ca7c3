/*
 * vpi_syscall(): a system call that an interrupt does not miss.
 *
 * A blocked system call ends when a signal handler has run. A signal that
 * comes a few instructions earlier finds nothing to end: its handler returns,
 * and then the call blocks. No test of a flag closes that gap, since there is
 * always an instruction between the test and the call.
 *
 * So the call is made by a few instructions of known addresses, as musl does
 * for pthread_cancel(). The handler compares where it interrupted: from the
 * first of them up to the system call instruction itself nothing has been
 * done yet, and it lets the function return -EINTR instead. The kernel puts a
 * call that it restarts by itself back to that instruction, too: that one is
 * not begun anew. Behind it the result is there, and stays.
 *
 * That way out must be right from each of the instructions. Therefore they are
 * all of vpi_syscall(), and none of them changes the stack.
 */
#include "interruptible.h"
#include "vpi.h"

#include <stdint.h>

#ifndef __x86_64__
#error "vpi_syscall() is written for x86-64"
#endif

/* System calls take their number in %rax, and the fourth argument in %r10. */
asm(".pushsection .text\n\t"
    ".global vpi_syscall\n\t"
    ".type vpi_syscall, @function\n\t"
    ".p2align 4\n"
    "vpi_syscall:\n"
    "vpi__syscall_begin:\n\t"
    ".cfi_startproc\n\t"
    "endbr64\n\t"
    "movq	%rdi, %rax\n\t"
    "movq	%rsi, %rdi\n\t"
    "movq	%rdx, %rsi\n\t"
    "movq	%rcx, %rdx\n\t"
    "movq	%r8, %r10\n\t"
    "movq	%r9, %r8\n\t"
    "movq	8(%rsp), %r9\n"
    "vpi__syscall_instruction:\n\t"
    "syscall\n\t"
    "ret\n"
    "vpi__syscall_interrupted:\n\t"
    "movq	$-4, %rax\n\t"		/* -EINTR */
    "ret\n\t"
    ".cfi_endproc\n\t"
    ".size vpi_syscall, . - vpi_syscall\n\t"
    ".popsection");

#define HIDDEN	__attribute__((visibility("hidden")))

extern const char vpi__syscall_begin[] HIDDEN;
extern const char vpi__syscall_instruction[] HIDDEN;
extern const char vpi__syscall_interrupted[] HIDDEN;

void vpi__interrupt_syscall(ucontext_t *context)
{
	greg_t *pc = &context->uc_mcontext.gregs[REG_RIP];

	if ((uintptr_t)*pc >= (uintptr_t)vpi__syscall_begin &&
	    (uintptr_t)*pc <= (uintptr_t)vpi__syscall_instruction)
		*pc = (greg_t)(uintptr_t)vpi__syscall_interrupted;
}
