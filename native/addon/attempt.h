/*
 * System calls that are tried where they are, inside the isolate: they say
 * EAGAIN instead of blocking. A call that need not block then costs no way out
 * of the isolate and back.
 */
#ifndef VPI_ADDON_ATTEMPT_H
#define VPI_ADDON_ATTEMPT_H

#include <cstddef>
#include <cstdint>

namespace vpi {

/* All return what the call returns, or -errno. -EOPNOTSUPP: this file cannot be tried. */
int64_t attempt_read(int fd, char* data, size_t length, int64_t position);
int64_t attempt_write(int fd, const char* data, size_t length, int64_t position);
int64_t attempt_receive(int fd, char* data, size_t length, int flags);
int64_t attempt_send(int fd, const char* data, size_t length, int flags);

}  // namespace vpi

#endif  // VPI_ADDON_ATTEMPT_H
