#include "attempt.h"

#include <cerrno>
#include <sys/socket.h>
#include <sys/uio.h>

namespace vpi {

static int64_t result_of(int64_t ret) { return ret < 0 ? -errno : ret; }

/* A position of -1 is the file's own. */
int64_t attempt_read(int fd, char* data, size_t length, int64_t position) {
  const iovec vector = {data, length};
  return result_of(preadv2(fd, &vector, 1, position, RWF_NOWAIT));
}

int64_t attempt_write(int fd, const char* data, size_t length, int64_t position) {
  const iovec vector = {const_cast<char*>(data), length};
  return result_of(pwritev2(fd, &vector, 1, position, RWF_NOWAIT));
}

int64_t attempt_receive(int fd, char* data, size_t length, int flags) {
  return result_of(recv(fd, data, length, flags | MSG_DONTWAIT));
}

int64_t attempt_send(int fd, const char* data, size_t length, int flags) {
  return result_of(send(fd, data, length, flags | MSG_DONTWAIT));
}

}  // namespace vpi
