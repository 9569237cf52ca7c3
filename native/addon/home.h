/* Where a home thread sleeps: on an eventfd of its own, and on its event loop. */
#ifndef VPI_ADDON_HOME_H
#define VPI_ADDON_HOME_H

#include <atomic>

namespace vpi {

class Home {
 public:
  /* 0, or -errno. @loop_fd: what becomes readable when something is posted to the event loop. */
  int open(int loop_fd);
  void close();

  /* From any thread, any time: wait() returns. */
  void wake();

  /*
   * Sleeps until wake(); or, and then it is true, until something new was
   * posted to the event loop or @timeout ms are over (-1: never). Not on a
   * futex: a signal handler of the process shall be able to end this sleep.
   */
  bool wait(int timeout);

 private:
  std::atomic<int> event_{-1};
  int epoll_ = -1;
};

}  // namespace vpi

#endif  // VPI_ADDON_HOME_H
