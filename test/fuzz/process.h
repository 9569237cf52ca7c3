/* One of the run's processes, and the one that looks after them. */
#ifndef PROCESS_H
#define PROCESS_H

#include <stdbool.h>

/* Of an address space: here memory ends. */
extern char *edge;

/* Does the operations of a process's lanes; does not return. */
void __attribute__((noreturn)) process(unsigned int index);

/* Blocks the lanes' signals, for as long as there are no handlers for them. */
void block_signals(bool block);

/*
 * Starts all processes, and anew those that end before their operations are
 * done. Returns the status to exit with.
 */
int supervise(void);

#endif /* PROCESS_H */
