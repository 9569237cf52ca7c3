/* What the kernel says about itself. */
#ifndef KERNEL_H
#define KERNEL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Writes the seed into the kernel's log: the console names the run that crashed it. */
void kernel_mark(uint64_t seed);

/* Whether it has complained since the mark; prints what it said. */
bool kernel_complains(void);

/* What is announced once is announced once again. */
void kernel_forget_warnings(void);

/* Delays at points drawn from @seed, where the kernel has them; 0: none. */
void kernel_delays(uint64_t seed);

/* Prints where all threads of all processes in the process group are. */
void kernel_show_group(pid_t group);

#endif /* KERNEL_H */
