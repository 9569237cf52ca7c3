/*
 * Marks in the kernel's trace: when a VP enters an isolate, and when it has
 * left. Only where a program has asked for them (native.mark()); a test
 * compares them with the kernel's own tracepoints.
 */
#ifndef VPI_ADDON_MARKER_H
#define VPI_ADDON_MARKER_H

namespace vpi {

/* @fd is that of tracefs's trace_marker; -1: no marks, as at first. */
void mark_entries(int fd);

/* The calling VP is about to enter @processor's isolate, or is outside again. */
void mark_enter(int processor);
void mark_leave(int processor);

}  // namespace vpi

#endif  // VPI_ADDON_MARKER_H
