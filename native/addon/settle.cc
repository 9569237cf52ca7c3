/* What upcalls mean for the tokens. */
#include "vp.h"

namespace vpi {

Held held[VPI_MAX_VPS];

int Vp::settle(const vpi_user_data_t& ud) {
  const uint64_t vp = handle_of(ud.vp);
  switch (ud.type) {
    case VPI_BLOCKED:
      return on_blocked(vp, Call::from_cookie(ud.cookie), ud.registered);
    case VPI_UNBLOCKED:
      return on_unblocked(ud, vp, Call::from_cookie(ud.cookie));
    case VPI_RESUMED:
      return on_resumed(ud);
    case VPI_PREEMPT:
      /* It keeps its processor, and goes on by itself. */
      return tell(Call::from_cookie(ud.cookie).processor, {VPI_PREEMPT, vp, static_cast<uint32_t>(ud.arg), ud.registered, 0});
    case VPI_SIGNAL:
      /* This VP was registered, and so on no processor. Programs look for signals where they have called init(). */
      return tell(0, {VPI_SIGNAL, vp, 0, ud.registered, 0});
    default:
      CHECK(!"a notification that the kernel does not have");
  }
}

/* Pushes first and looks at the token then. */
int Vp::tell(int index, const Upcall& upcall) {
  Processor& p = processor(index);
  p.inbox.push(upcall);
  if (current_ < 0) return p.claim(self_) ? index : -1;
  if (index != current_) wake_processor(index);
  return -1;
}

/* If the swap fails, the VP is back already, and nobody needs to hear of it. */
int Vp::on_blocked(uint64_t vp, Call call, uint32_t registered) {
  Processor& p = processor(call.processor);
  if (!p.token.take(slot_of(vp), call.number, self_)) return -1;
  p.wanted.store(false);
  p.inbox.push({VPI_BLOCKED, vp, 0, registered, 0});
  if (current_ < 0) return call.processor;
  p.deadline.store(kNever);
  p.token.idle(self_);
  wake_processor(call.processor);
  return -1;
}

/* Who has fetched UNBLOCKED may be so late that the VP is held after its next block: that one counts. */
static void keep_newer(std::atomic<uint64_t>& block, uint64_t seq) {
  uint64_t known = block.load();
  while (known < seq && !block.compare_exchange_weak(known, seq)) {
  }
}

int Vp::on_unblocked(const vpi_user_data_t& ud, uint64_t vp, Call call) {
  Processor& p = processor(call.processor);
  keep_newer(held[slot_of(vp)].block, ud.seq);

  /* Nothing runs there: the VP itself shall. */
  if (call.processor != current_ && p.token.offer_idle(slot_of(vp), call.number)) {
    if (vpi_kernel_resume_arg(ud.vp, ud.seq, 0) == 0) return -1;
    if (!p.token.withdraw(self_, slot_of(vp), call.number)) return -1;
    if (current_ < 0) return call.processor;
    /* It was not idle for a moment: who has looked for its deadline then has found none. */
    p.token.idle(self_);
    wake_processor(call.processor);
    return -1;
  }
  return tell(call.processor, {VPI_UNBLOCKED, vp, 0, ud.registered, 0});
}

int Vp::on_resumed(const vpi_user_data_t& ud) {
  const int index = ResumeArgument::processor(ud.arg);
  if (index < 0) return -1; /* to keep time: its next register does */
  Processor& p = processor(index);
  if (ResumeArgument::is_program(ud.arg)) {
    const Upcall upcall = {VPI_RESUMED, handle_of(ud.vp), ResumeArgument::value(ud.arg), ud.registered, 0};
    if (current_ >= 0 || !p.token.accept(self_, kNoCall)) return tell(index, upcall);
    p.inbox.push(upcall);
    return index;
  }
  if (current_ < 0) return p.claim(self_) ? index : -1;
  /* Fetched by a VP that is busy elsewhere. Not dropped: the VP that looked for work before this came may be asleep. */
  if (index != current_ && p.open.load() && p.token.is_idle()) wake_processor(index);
  return -1;
}

}  // namespace vpi
