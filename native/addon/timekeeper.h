/*
 * Deadlines of idle processors, and of the next review of the pool. One registered VP at a time, the timekeeper,
 * has the earliest of them as its own; when it is called away for something
 * else, the next one to register takes over.
 */
#ifndef VPI_ADDON_TIMEKEEPER_H
#define VPI_ADDON_TIMEKEEPER_H

#include <cstdint>

#include "token.h"

namespace vpi {

/* CLOCK_MONOTONIC in ns. */
int64_t now();

/* Before @vp registers: the deadline it must have, or kNever. */
int64_t keep_time(Slot vp);

/* Afterwards. True: @vp was the timekeeper, and there still are deadlines. */
bool stop_keeping_time(Slot vp);

/* There are deadlines, and nobody keeps time. */
bool time_is_lost();

/* An idle processor whose deadline is over, or -1. */
int overdue_processor();

}  // namespace vpi

#endif  // VPI_ADDON_TIMEKEEPER_H
