/* What a processor has to be told, and the queue in which it waits. */
#ifndef VPI_ADDON_UPCALL_H
#define VPI_ADDON_UPCALL_H

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>

namespace vpi {

/* Beside the kernel's VPI_BLOCKED ... VPI_SIGNAL; made by the native loop. */
enum : int {
  /* A VP came back from its call and had lost its processor: `result` is for whoever waits for that call. */
  kDetached = 0x100,
  /* A VP that was here has ended. It is the last that it has told. */
  kGone = 0x101,
};

struct Upcall {
  int type;
  uint64_t vp;      /* handle of the VP concerned */
  uint32_t arg;     /* RESUMED: the parameter; PREEMPT: how many */
  uint32_t registered;
  int64_t result;   /* kDetached */
};

/*
 * Any thread pushes; the processor's owner pops. The length stands where
 * JavaScript sees it too. It counts what somebody has to do something about:
 * no VP comes to an idle processor because another one is gone.
 */
class Inbox {
 public:
  explicit Inbox(std::atomic<int32_t>* length) : length_(*length) {}

  void push(const Upcall& upcall) {
    std::lock_guard lock(mutex_);
    queue_.push_back(upcall);
    length_.fetch_add(upcall.type != kGone);
  }

  /* How many there were, with the one that is taken. */
  size_t pop(Upcall* upcall) {
    std::lock_guard lock(mutex_);
    const size_t waiting = queue_.size();
    if (waiting == 0) return 0;
    *upcall = queue_.front();
    queue_.pop_front();
    length_.fetch_sub(upcall->type != kGone);
    return waiting;
  }

  void clear() {
    std::lock_guard lock(mutex_);
    queue_.clear();
    length_.store(0);
  }

  bool empty() const { return length_.load() == 0; }

 private:
  std::mutex mutex_;
  std::deque<Upcall> queue_;
  std::atomic<int32_t>& length_;
};

}  // namespace vpi

#endif  // VPI_ADDON_UPCALL_H
