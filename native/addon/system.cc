/*
 * System VPs: the kernel tells nobody that one blocks, and never holds it. So
 * it lets go of its processor before it waits for anything, and gets it back
 * when it is its turn: it asks for that as a held VP does, by an UNBLOCKED in
 * the processor's inbox, and is given it in the same way.
 */
#include <cerrno>

#include "instance.h"
#include "vp.h"

namespace vpi {

/*
 * Waits for its turn on processor @index. -1: the instance ends. It asks once,
 * and then it does not help itself even if the processor is idle: what it has
 * asked for would come later, when it waits for something else, as a turn that
 * it does not know of.
 */
int Vp::acquire(int index) {
  Processor& p = processor(index);
  Held& h = held[self_];
  const Call turn = {index, ++calls_};

  if (p.claim(self_)) return index;
  h.cookie.store(turn.cookie());
  h.block.store(Held::kTurn);
  p.inbox.push({VPI_UNBLOCKED, handle_, 0, vpi_get_registered_count(), 0});
  if (p.token.is_idle()) wake_processor(index);
  while (!instance_is_ending()) {
    vpi_user_data_t ud = {};
    vpi_kernel_register(&ud);
    turn_down_offers();
    if (!p.token.accept(self_, turn.number)) continue; /* resumed for some other reason */
    h.block.store(0);
    return index;
  }
  return -1;
}

int Vp::system_register(int64_t deadline, Entry* entry) {
  const int index = current_;
  vpi_user_data_t ud = {};
  ud.deadline = deadline_for_kernel(deadline);
  leave();
  int result = vpi_kernel_register(&ud);
  if (result == 0 && ud.type == VPI_SIGNAL) result = -EINTR;
  turn_down_offers();
  current_ = acquire(index);
  if (current_ < 0) return -1;
  processor(index).mailbox()[1] = static_cast<double>(handle_of(ud.vp));
  return done(entry, result < 0 ? result : ResumeArgument::value(ud.arg));
}

int Vp::system_vp_call(const Request& request, Entry* entry) {
  const int index = current_;
  leave();
  const int64_t result = perform(request);
  pins_.clear();
  current_ = acquire(index);
  return current_ < 0 ? -1 : done(entry, result);
}

/* The owner of its processor gives it to the system VP @handle, and registers. */
int Vp::give_turn(uint64_t handle, Entry* entry) {
  const int index = current_;
  const Slot other = slot_of(handle);
  const Call turn = Call::from_cookie(held[other].cookie.load());
  Token& token = processor(index).token;

  token.offer(self_, other, turn.number);
  const int result = vpi_kernel_resume_arg(pointer_of(handle), VPI_SEQ_ANY, 0);
  if (result == 0) return -1;
  if (!token.withdraw(self_, other, turn.number)) return -1;
  /* It has asked, and does not sleep yet: its turn comes a little later. */
  if (result == -EAGAIN) processor(index).inbox.push({VPI_UNBLOCKED, handle, 0, vpi_get_registered_count(), 0});
  return done(entry, result);
}

}  // namespace vpi
