#include "timekeeper.h"

#include <algorithm>
#include <ctime>
#include <mutex>

#include "instance.h"
#include "reserve.h"

namespace vpi {

static std::mutex mutex;
static int keeper = -1; /* a slot */
static int64_t kept = kNever;

int64_t now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static int64_t earliest() {
  int64_t deadline = review_time();
  for (int i = 0; i < processor_count(); i++) {
    const Processor& p = processor(i);
    if (p.token.is_idle()) deadline = std::min(deadline, p.deadline.load());
  }
  return deadline;
}

int64_t keep_time(Slot vp) {
  std::lock_guard lock(mutex);
  const int64_t deadline = earliest();
  if (deadline == kNever) return kNever;
  /* Somebody sees to it already, or to something earlier. */
  if (keeper >= 0 && keeper != vp && kept <= deadline) return kNever;
  keeper = vp;
  kept = deadline;
  return deadline;
}

bool stop_keeping_time(Slot vp) {
  std::lock_guard lock(mutex);
  if (keeper != vp) return false;
  keeper = -1;
  return earliest() != kNever;
}

bool time_is_lost() {
  std::lock_guard lock(mutex);
  return keeper < 0 && earliest() != kNever;
}

int overdue_processor() {
  const int64_t time = now();
  for (int i = 0; i < processor_count(); i++) {
    const Processor& p = processor(i);
    if (p.token.is_idle() && p.deadline.load() <= time) return i;
  }
  return -1;
}

}  // namespace vpi
