/* The system call of a thread: the processor is left to others for as long as it lasts. */
#include "instance.h"
#include "vp.h"

namespace vpi {

/*
 * Not all VPs may be in calls at the same time: one is left to carry upcalls.
 * Who is refused says so first and counts once more; who ends a call counts
 * first and looks for whom it refused then. So none of them waits for nothing.
 */
static std::atomic<int> calls_under_way;

static bool begin_call() {
  if (calls_under_way.fetch_add(1) < max_vps() - 1) return true;
  calls_under_way.fetch_sub(1);
  return false;
}

static bool admit(Processor& p) {
  if (begin_call()) return true;
  p.starves.store(true);
  return begin_call();
}

static void end_call() {
  calls_under_way.fetch_sub(1);
  for (int i = 0; i < processor_count(); i++)
    if (processor(i).starves.load() && processor(i).starves.exchange(false)) wake_processor(i);
}

int64_t perform(const Request& request) {
  int64_t a[7];
  for (int i = 0; i < 7; i++) a[i] = request.integer(i);
  /* interrupt() is not missed by it, be it ever so early. */
  return vpi_syscall(a[0], a[1], a[2], a[3], a[4], a[5], a[6]);
}

int Vp::system_call(const Request& request, Entry* entry) {
  const Call call = {current_, ++calls_};
  Token& token = processor(current_).token;
  if (!admit(processor(current_))) {
    pins_.clear();
    *entry = Entry::kRefused;
    return current_;
  }
  vpi_set_cookie(call.cookie());
  held[self_].cookie.store(call.cookie());
  token.begin_call(self_, call.number);
  vpi_noupcall_clear();
  const int64_t result = perform(request);
  vpi_noupcall_set();

  pins_.clear();
  held[self_].block.store(0);
  if (instance_is_ending()) {
    calls_under_way.fetch_sub(1);
    return -1;
  }
  turn_down_offers();
  end_call();
  if (token.end_call(self_, call.number)) return done(entry, result);
  return lose_processor(result, entry);
}

/*
 * Back from a call, without a token: released without being held, because
 * UNBLOCKED is masked, or because nobody was left to resume this VP.
 */
int Vp::lose_processor(int64_t result, Entry* entry) {
  const int index = current_;
  Processor& p = processor(index);
  if (p.claim(self_)) return done(entry, result);
  current_ = -1;
  *entry = Entry::kNews;
  return tell(index, {kDetached, handle_, 0, vpi_get_registered_count(), result});
}

}  // namespace vpi
