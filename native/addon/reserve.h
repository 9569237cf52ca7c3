/*
 * The reserve, and how the pool gets smaller. It grows when a notification
 * finds nobody registered (pool.cc); VPs that it has not needed for long end:
 *
 *   waiting   VPs of the pool that have no processor to run and are in no
 *             call. Those that a program has created are the program's.
 *   reserve   So many shall wait, and do where all is idle: as many as the
 *             instance began with.
 *   review    Once in a period, while more than the reserve wait. Those above
 *             it that have waited all the time since the last one were not
 *             needed, since who waits longest is called last: so many are
 *             sent away.
 *
 * A review has a deadline as processors have them, which the timekeeper keeps:
 * one VP wakes up for it, and none where no more than the reserve wait. Each VP
 * that is sent away sends the next one: so they end one after the other, and
 * nobody else is woken.
 *
 * What another VP could lose by it, and does not:
 *
 *   - What the kernel has for any registered VP. It takes the VP that is sent
 *     away off its list in the same instant, as one that was resumed by its
 *     handle: all else goes to others, or waits in the queue for one.
 *   - Somebody to be told that it blocks. A VP leaves only if it sees another
 *     one registered, after it has ceased to count itself. So whoever takes
 *     the last one is later than that, and grows the pool (leave_pool()).
 *   - Its hold. Who waits is in no call, so the resume that sends it away
 *     cannot let go one that is held: it leaves the list, under its lock,
 *     before it enters an isolate again (Vp::run()).
 *   - The clock. The timekeeper that leaves has another one take over.
 *
 * JavaScript closes its managers when it next looks at its inbox (kGone).
 */
#ifndef VPI_ADDON_RESERVE_H
#define VPI_ADDON_RESERVE_H

#include <cstdint>

namespace vpi {

/* A VP's place in the list of those that wait. */
struct Waiter {
  uint64_t vp = 0;
  Waiter* before = nullptr; /* null: it does not wait */
  Waiter* after = nullptr;
};

/* Before the first VP of an instance. */
void reset_reserve(int size);

/* Before @waiter's VP registers, and before it enters an isolate or ends. Nothing happens if it is so already. */
void begin_waiting(Waiter* waiter);
void end_waiting(Waiter* waiter);

/* When there is to be a review, in ns of CLOCK_MONOTONIC, or kNever. */
int64_t review_time();

/* Makes it, if it is time. */
void review_reserve();

/* By a VP that was sent away: the next one, if there is to be one. */
void send_next_away();

}  // namespace vpi

#endif  // VPI_ADDON_RESERVE_H
