/*
 * The native loop: a VP enters an isolate, brings out what JavaScript asks of
 * the kernel, does that outside, and goes back in; or waits for an upcall.
 */
#include <algorithm>
#include <cerrno>
#include <utility>

#include "instance.h"
#include "marker.h"
#include "timekeeper.h"
#include "vp.h"

namespace vpi {

/* JavaScript's `never` is not exactly INT64_MAX: a double has no such number. */
static int64_t deadline_from(int64_t asked) { return asked >= INT64_C(9200000000000000000) ? kNever : asked; }

void Vp::run(int first) {
  Entry entry = Entry::kNews;
  int next = -1;
  if (kind_ == kSystem) next = acquire(first);
  else if (first >= 0 && processor(first).claim(self_)) next = first;

  while (!instance_is_ending() && !exits_) {
    if (next < 0) {
      next = wait(&entry);
      continue; /* it may have ended since wait() has looked: see stop_javascript() */
    }
    end_waiting(&waiter_);
    current_ = next;
    if (!enter(next, entry)) break;
    Processor& p = processor(next);
    pins_.clear();
    pins_.swap(p.pins); /* and not moved: both keep their memory */
    next = serve(Request(p.mailbox()), &entry);
    if (next < 0) current_ = -1;
  }
  if (next >= 0) current_ = next; /* got, and not entered */
  if (current_ >= 0 && processor(current_).token.is_owned_by(self_)) leave();
  end_waiting(&waiter_);
  for (int i = 0; i < kMaxProcessors; i++)
    if (entered_ >> i & 1) part_from(processor(i));
}

/* Nobody is woken to hear that a VP is gone. */
void Vp::part_from(Processor& p) {
  p.inbox.push({kGone, handle_, 0, 0, 0});
  p.gate.forget_thread();
}

bool Vp::enter(int index, Entry entry) {
  entered_ |= uint64_t{1} << index;
  processor(index).mailbox()[kMailboxHandle] = static_cast<double>(handle_);
  mark_enter(index);
  const bool stays = processor(index).gate.enter(self_, static_cast<int>(entry));
  mark_leave(index);
  if (stays) return true;
  /* Its environment ends: processors are not replaced. */
  fail_instance("");
  return false;
}

int Vp::serve(const Request& request, Entry* entry) {
  switch (request.opcode) {
    case Opcode::kRegister:
      return kind_ == kSystem ? system_register(deadline_from(request.integer(0)), entry)
                              : go_idle(deadline_from(request.integer(0)), entry);
    case Opcode::kResumeRegister:
      return resume_and_register(request, entry);
    case Opcode::kSyscall:
      return kind_ == kSystem ? system_vp_call(request, entry) : system_call(request, entry);
    case Opcode::kWaitRegister:
      /* The others need no processor to register, so this one is kept. */
      return done(entry, vpi_kernel_wait_register(static_cast<int>(request.integer(0))));
    case Opcode::kExit:
      if (kind_ != kSystem) count_out();
      leave();
      exits_ = true;
      return -1;
    case Opcode::kFinish:
      finish_instance(static_cast<int>(request.integer(0)));
      return current_;
  }
  CHECK(!"an opcode of lib/vpi that is not one of request.h");
}

/* Somebody else shall go on here. */
void Vp::leave() {
  Processor& p = processor(current_);
  p.deadline.store(kNever);
  p.token.idle(self_);
  if (!instance_is_ending()) wake_processor(current_);
  current_ = -1;
}

int Vp::go_idle(int64_t deadline, Entry* entry) {
  Processor& p = processor(current_);
  *entry = Entry::kNews;
  p.deadline.store(deadline);
  p.token.idle(self_);
  return p.claim_work(self_) ? current_ : -1;
}

/* ---- Waiting for an upcall ------------------------------------------------------------ */

/* Work for an idle processor that nobody was woken for. */
int Vp::find_work() {
  for (int i = 0; i < processor_count(); i++)
    if (processor(i).claim_work(self_)) return i;
  return -1;
}

/* Before any register. */
int64_t Vp::deadline_to_wait() {
  if (kind_ == kPool) begin_waiting(&waiter_);
  return deadline_for_kernel(keep_time(self_));
}

/* Until there is a processor to run; -1: the instance ends, or this VP. */
int Vp::wait(Entry* entry) {
  while (!instance_is_ending() && !exits_) {
    *entry = Entry::kNews;
    int next = find_work();
    if (next >= 0) {
      /* It may be new, and the one that somebody has relied on to register (newborn). */
      grow_pool(vpi_get_registered_count());
      if (time_is_lost()) resume_any(0);
      return next;
    }
    vpi_user_data_t ud = {};
    ud.deadline = deadline_to_wait();
    const int result = vpi_kernel_register(&ud);
    next = registered(result, ud, entry);
    if (next >= 0) return next;
  }
  return -1;
}

/* After any register. The processor that this VP has got, or -1. */
int Vp::registered(int result, const vpi_user_data_t& ud, Entry* entry) {
  int next = -1;
  *entry = Entry::kNews;
  const bool time_left = stop_keeping_time(self_);
  if (instance_is_ending()) return -1;
  if (result == 0 && ud.type == VPI_RESUMED && ud.arg == ResumeArgument::kLeave) {
    end_waiting(&waiter_);
    exits_ = leave_pool();
  } else if (result == 0) {
    grow_pool(ud.registered);
    next = settle(ud);
  } else if (result == -ETIMEDOUT) {
    review_reserve();
    const int overdue = overdue_processor();
    if (overdue >= 0 && processor(overdue).claim(self_)) {
      *entry = Entry::kTimeout;
      next = overdue;
    }
  }
  /* Away from the clock: somebody else is to look at it. */
  if ((next >= 0 || exits_) && time_left) resume_any(0);
  return next;
}

/*
 * To a VP that is registered, and shall carry RESUMED to this processor. 0, or
 * -errno and nothing has changed. Somebody else may have resumed it for this
 * processor a moment before: then it has found the offer, and is gone with it.
 */
int Vp::give_processor(uint64_t handle, uint32_t argument) {
  Token& token = processor(current_).token;
  const Slot other = slot_of(handle);
  token.offer(self_, other, kNoCall);
  held[other].offered.store(true);
  const int result = vpi_kernel_resume_arg(pointer_of(handle), VPI_SEQ_ANY, ResumeArgument::program(current_, argument));
  return result < 0 && token.withdraw(self_, other, kNoCall) ? result : 0;
}

/*
 * After any sleep from which this VP may have been resumed as one that is
 * registered, and was not: it was held, or it is a system VP, and knows of no
 * offer. It goes on where it was; who runs that processor is for others to see.
 */
void Vp::turn_down_offers() {
  if (!held[self_].offered.load()) return;
  held[self_].offered.store(false);
  for (int i = 0; i < processor_count(); i++) {
    Token& token = processor(i).token;
    if (!token.accept(self_, kNoCall)) continue;
    token.idle(self_);
    wake_processor(i);
  }
}

int Vp::resume_and_register(const Request& request, Entry* entry) {
  const uint64_t handle = static_cast<uint64_t>(request.integer(1));
  Held& h = held[slot_of(handle)];
  const uint64_t block = handle ? h.block.load() : 0;
  const Call call = Call::from_cookie(h.cookie.load());

  if (block == Held::kTurn && call.processor == current_) return give_turn(handle, entry);
  if (!block || call.processor != current_) {
    const int result = handle ? give_processor(handle, static_cast<uint32_t>(request.integer(2)))
                              : resume_vp(0, static_cast<uint32_t>(request.integer(2)), current_);
    if (result < 0) return done(entry, result);
    return handle ? -1 : go_idle(deadline_from(request.integer(0)), entry);
  }

  Token& token = processor(current_).token;
  const Slot other = slot_of(handle);
  vpi_user_data_t ud = {};
  ud.vp = pointer_of(handle);
  ud.seq = block;
  token.offer(self_, other, call.number);
  ud.deadline = deadline_to_wait();
  const int index = std::exchange(current_, -1);
  const int result = vpi_kernel_resume_register(&ud);
  if (result == 0 || result == -ETIMEDOUT || result == -EINTR || result == -ECANCELED)
    return registered(result, ud, entry);

  /* It could not be resumed, and this VP is not registered. */
  if (stop_keeping_time(self_)) resume_any(0);
  if (!token.withdraw(self_, other, call.number)) return -1;
  current_ = index;
  return done(entry, result);
}

}  // namespace vpi
