/* What the handler of VPI_INTERRUPT_SIGNAL does about vpi_syscall(). */
#ifndef VPI_INTERRUPTIBLE_H
#define VPI_INTERRUPTIBLE_H

#include <ucontext.h>

/* If @context is in vpi_syscall(), before the call: it returns -EINTR. */
void vpi__interrupt_syscall(ucontext_t *context);

#endif /* VPI_INTERRUPTIBLE_H */
