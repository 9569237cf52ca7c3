/*
 * System calls that are tried where they are, inside the isolate: they say
 * EAGAIN instead of blocking. A call that need not block then costs no way out
 * of the isolate and back.
 */
#ifndef VPI_ADDON_ATTEMPT_H
#define VPI_ADDON_ATTEMPT_H

#include <napi.h>

namespace vpi {

/*
 * attemptRead() and attemptWrite(fd, view, length, position), attemptReceive()
 * and attemptSend(fd, view, length, flags), which lib/native.ts declares. They
 * return what the call returns, or -errno; -EOPNOTSUPP: this file cannot be
 * tried.
 */
void add_attempts(Napi::Object exports);

}  // namespace vpi

#endif  // VPI_ADDON_ATTEMPT_H
