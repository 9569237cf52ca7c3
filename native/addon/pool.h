/* The pool of VPs, as the other parts of the addon see it. reserve.h says how it gets smaller. */
#ifndef VPI_ADDON_POOL_H
#define VPI_ADDON_POOL_H

#include <cstdint>

#include "processor.h"

namespace vpi {

/* Before the first VP of an instance, on its home thread: what the last one has left counts no more. */
void reset_pool(int reserve);

/* Slots from this on were never used in this instance. */
int used_slots();

/* Creates a VP of the pool that begins with processor @first if that is idle (-1: with none). 0, or -errno. */
int create_pool_vp(int first);

/* Creates a VP for a program, which is no part of the pool and ends when the program says so. 0 and its handle, or -errno. */
int create_vp(uint64_t* handle);

/* Creates a system VP for processor @index. 0 and its handle, or -errno. */
int create_system_vp(int index, uint64_t* handle);

/* Somebody shall run processor @index: there is work for it. From a VP. */
void wake_processor(int index);

/*
 * From JavaScript, on the owner of a processor: fetches one queued
 * notification without sleeping and does with it what has to be done. False:
 * there was none.
 */
bool poll_notification();

/* vpi_kernel_resume() as a manager means it. 0 or -errno. */
int resume_vp(uint64_t handle, uint32_t argument, int processor);

/* The processor that the calling VP runs; -1 for a thread that runs none. */
int current_processor();

}  // namespace vpi

#endif  // VPI_ADDON_POOL_H
