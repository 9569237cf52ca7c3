/*
 * The token: one word per processor, which says what VP may run JavaScript
 * there. It stands in front of V8's lock, so that nobody waits inside it.
 *
 *   from            to              by                     when
 *   --------------  --------------  ---------------------  --------------------------------
 *   IDLE            RUNNING(vp)     vp                     it has work for the processor
 *   IDLE            GRANTED(v, s)   carrier of UNBLOCKED   v, s can go on: resume it next
 *   RUNNING(vp)     IDLE            vp                     it has nothing to run
 *   RUNNING(vp)     SYSCALL(vp, s)  vp                     its call number s may block
 *   RUNNING(vp)     GRANTED(v, s)   vp                     it will resume v, and register
 *   SYSCALL(vp, s)  RUNNING(vp)     vp                     the call is over
 *   SYSCALL(vp, s)  RUNNING(c)      c, carrier of          BLOCKED(vp, s): c goes on here
 *   GRANTED(v, s)   RUNNING(v)      v                      it has been resumed
 *   GRANTED(v, s)   RUNNING(vp)     vp, which offered it   its resume failed
 *
 * Only the owner changes RUNNING, so its own moves are stores; all others are
 * compare-and-swap, and who loses has no say about the processor any more. A
 * call number is never used twice in a row, so a word that has come back to
 * SYSCALL(vp, s) or GRANTED(v, s) by other ways is not mistaken for itself.
 *
 * Everything is sequentially consistent. Two rules depend on that, and close
 * the lost wake-ups: who adds work pushes it first and then looks at the word;
 * who goes idle writes the word first and then looks for work once more.
 */
#ifndef VPI_ADDON_TOKEN_H
#define VPI_ADDON_TOKEN_H

#include <atomic>
#include <cstdint>

#include "check.h"

namespace vpi {

/* A VP is named by its slot here: small, and its own for its whole life. */
using Slot = uint16_t;

class Token {
 public:
  Token() : word_(kIdle) {}

  bool is_idle() const { return word_.load() == kIdle; }
  bool is_running() const { return state_of(word_.load()) == kRunning; }
  bool is_owned_by(Slot vp) const { return word_.load() == running(vp); }

  /* When the processor joins an instance: nobody else looks at it yet. */
  void reset() { word_.store(kIdle); }

  /* IDLE to RUNNING(vp). */
  bool claim(Slot vp) { return swap(kIdle, running(vp)); }

  /* RUNNING(vp) to IDLE. */
  void idle(Slot vp) { move(running(vp), kIdle); }

  /* RUNNING(vp) to SYSCALL(vp, call). */
  void begin_call(Slot vp, uint32_t call) { move(running(vp), syscall(vp, call)); }

  /* Back from it: SYSCALL(vp, call) or GRANTED(vp, call) to RUNNING(vp). */
  bool end_call(Slot vp, uint32_t call) { return swap(syscall(vp, call), running(vp)) || accept(vp, call); }

  /* BLOCKED(vp, call): its processor to @carrier. One that owns another lets go of it at once. */
  bool take(Slot vp, uint32_t call, Slot carrier) { return swap(syscall(vp, call), running(carrier)); }

  /* IDLE to GRANTED(vp, call). */
  bool offer_idle(Slot vp, uint32_t call) { return swap(kIdle, granted(vp, call)); }

  /* RUNNING(owner) to GRANTED(vp, call). */
  void offer(Slot owner, Slot vp, uint32_t call) { move(running(owner), granted(vp, call)); }

  /* GRANTED(vp, call) to RUNNING(vp). */
  bool accept(Slot vp, uint32_t call) { return swap(granted(vp, call), running(vp)); }

  /* GRANTED(vp, call) to RUNNING(owner): the resume failed. */
  bool withdraw(Slot owner, Slot vp, uint32_t call) { return swap(granted(vp, call), running(owner)); }

 private:
  enum State : uint64_t { kIdleState, kRunning, kSyscall, kGranted };

  static constexpr uint64_t word(State state, Slot vp, uint32_t call) {
    return state << 62 | static_cast<uint64_t>(vp) << 32 | call;
  }
  static constexpr State state_of(uint64_t word) { return static_cast<State>(word >> 62); }
  static constexpr uint64_t running(Slot vp) { return word(kRunning, vp, 0); }
  static constexpr uint64_t syscall(Slot vp, uint32_t call) { return word(kSyscall, vp, call); }
  static constexpr uint64_t granted(Slot vp, uint32_t call) { return word(kGranted, vp, call); }
  static constexpr uint64_t kIdle = 0; /* word(kIdleState, 0, 0) */

  bool swap(uint64_t from, uint64_t to) { return word_.compare_exchange_strong(from, to); }

  /* The owner's own move. That it is one is asserted, not assumed. */
  void move(uint64_t from, uint64_t to) {
    CHECK(swap(from, to));
  }

  std::atomic<uint64_t> word_;
};

}  // namespace vpi

#endif  // VPI_ADDON_TOKEN_H
