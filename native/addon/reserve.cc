#include "reserve.h"

#include <algorithm>
#include <mutex>

#include "timekeeper.h"
#include "vp.h"

namespace vpi {

/*
 * To create a VP takes some tenths of a millisecond, with its first way into
 * an isolate: nothing, for one that is needed again after a period. And it is
 * longer than the pauses of a program that is at work.
 */
constexpr int64_t kPeriod = 1000000000; /* ns */

static std::mutex mutex; /* of all below; nothing blocks under it */
static Waiter list = {0, &list, &list}; /* who has waited longest is first */
static std::atomic<int> waiting;
static std::atomic<int64_t> period_end;
static int reserve;
static int least;   /* that have waited at the same time in this period */
static int surplus; /* still to be sent away */

void reset_reserve(int size) {
  std::lock_guard lock(mutex);
  reserve = size;
  least = surplus = 0;
  period_end.store(0); /* the first review finds nobody to send away, and begins a period */
}

void begin_waiting(Waiter* waiter) {
  if (waiter->before) return;
  std::lock_guard lock(mutex);
  waiter->before = list.before;
  waiter->after = &list;
  list.before = list.before->after = waiter;
  waiting.fetch_add(1);
}

void end_waiting(Waiter* waiter) {
  if (!waiter->before) return;
  std::lock_guard lock(mutex);
  waiter->before->after = waiter->after;
  waiter->after->before = waiter->before;
  waiter->before = nullptr;
  least = std::min(least, waiting.fetch_sub(1) - 1);
}

static bool is_too_many(int count) { return count > reserve; }

int64_t review_time() { return is_too_many(waiting.load()) ? period_end.load() : kNever; }

/* The one that has waited longest of those that are registered; others may be on their way there, or back. */
static void send_one_away() {
  if (surplus <= 0 || !is_too_many(waiting.load())) return;
  for (const Waiter* w = list.after; w != &list; w = w->after) {
    if (vpi_kernel_resume_arg(pointer_of(w->vp), VPI_SEQ_ANY, ResumeArgument::kLeave) < 0) continue;
    surplus--;
    return;
  }
}

void review_reserve() {
  std::lock_guard lock(mutex);
  const int64_t time = now();
  if (time < review_time()) return;
  surplus = least - reserve;
  least = waiting.load();
  period_end.store(time + kPeriod);
  send_one_away();
}

void send_next_away() {
  std::lock_guard lock(mutex);
  send_one_away();
}

}  // namespace vpi
