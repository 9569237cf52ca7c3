/* The thread that does a lane's operations. */
#ifndef LANE_H
#define LANE_H

#include <pthread.h>
#include <setjmp.h>

#include "run.h"

/* Where a signal handler may jump out of an operation to. */
extern __thread sigjmp_buf lane_exit;
extern __thread volatile bool lane_may_exit;

/* The lane of the calling thread. */
extern __thread struct lane *this_lane;

/* Operations end by the handlers' leave, so they come first. */
void lane_handlers(void);

bool lane_start(struct lane *lane, pthread_t *thread);

#endif /* LANE_H */
