#include "home.h"

#include <cerrno>
#include <cstdint>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace vpi {

int Home::open(int loop_fd) {
  const int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  epoll_event wanted = {EPOLLIN, {.fd = event}};
  /* Edge-triggered: nobody empties the loop meanwhile, so what is in it once would be there always. */
  epoll_event posted = {EPOLLIN | EPOLLET, {.fd = loop_fd}};
  if (event < 0 || epoll_ < 0 || epoll_ctl(epoll_, EPOLL_CTL_ADD, event, &wanted) < 0 ||
      epoll_ctl(epoll_, EPOLL_CTL_ADD, loop_fd, &posted) < 0) {
    const int error = -errno;
    if (event >= 0) ::close(event);
    if (epoll_ >= 0) ::close(epoll_);
    return error;
  }
  event_.store(event);
  return 0;
}

void Home::close() {
  ::close(event_.exchange(-1));
  ::close(epoll_);
}

void Home::wake() {
  const uint64_t one = 1;
  /* It can only fail because it is awake already. */
  (void)!write(event_.load(), &one, sizeof one);
}

bool Home::wait(int timeout) {
  epoll_event events[2];
  const int count = epoll_wait(epoll_, events, 2, timeout);
  bool to_look = count == 0;
  for (int i = 0; i < count; i++) {
    uint64_t value;
    if (events[i].data.fd == event_.load())
      (void)!read(event_.load(), &value, sizeof value);
    else
      to_look = true;
  }
  return to_look;
}

}  // namespace vpi
