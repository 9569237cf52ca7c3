/* Performs a run in processes of its own, and judges it. */
#ifndef WATCH_H
#define WATCH_H

#include <stdbool.h>

/* Seconds without any progress that count as a hang. */
extern unsigned int watch_patience;

/* Does not show where the threads are that hang. */
extern bool watch_quietly;

/* Once, before the first run. */
void watch_prepare(void);

/* False, and run->failure: an error, a hang, a leak, or a complaint of the kernel. */
bool watch_run(void);

#endif /* WATCH_H */
