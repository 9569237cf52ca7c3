/*
 * A VP's side of the addon: one object for each, on its own stack.
 *
 * NOUPCALL is set all the time but for the system call of a thread. So what
 * else may block (a page fault, the allocator, a garbage collection, V8's
 * lock) is never notified and never held: a held owner of a token would stop
 * its processor for good.
 */
#ifndef VPI_ADDON_VP_H
#define VPI_ADDON_VP_H

#include <atomic>
#include <cstdint>
#include <vector>
#include <vpi.h>

#include "pool.h"
#include "processor.h"
#include "reserve.h"

namespace vpi {

/* A call of a VP, as its events name it: what the VP writes as its cookie. */
struct Call {
  int processor;
  uint32_t number;

  static Call from_cookie(uint64_t cookie) { return {static_cast<int>(cookie >> 32), static_cast<uint32_t>(cookie)}; }
  uint64_t cookie() const { return static_cast<uint64_t>(processor) << 32 | number; }
};

/* In GRANTED: to a VP that is in no call. The numbers of calls begin with 1. */
constexpr uint32_t kNoCall = 0;

/* What resuming a VP that UNBLOCKED has told of takes, by the VP's slot. */
struct Held {
  std::atomic<uint64_t> cookie{0}; /* of its newest call; the VP writes it */
  std::atomic<uint64_t> block{0}; /* the kernel's number of the block; 0: none */
  std::atomic<bool> offered{false}; /* somebody has given the VP a processor, as if it were registered */

  /* As block: a system VP, which is not held, waits for its turn on its processor. */
  static constexpr uint64_t kTurn = UINT64_MAX;
};
extern Held held[VPI_MAX_VPS];

/* The parameter of RESUMED: for which processor (plus one, 0: for none), and what a program has given. */
struct ResumeArgument {
  static constexpr uint64_t kFromProgram = 1ULL << 31;
  static constexpr uint64_t kLeave = 1ULL << 30; /* the whole of it: the VP is sent away (reserve.h) */

  static uint64_t wake(int processor) { return static_cast<uint64_t>(processor + 1); }
  static uint64_t program(int processor, uint32_t value) {
    return static_cast<uint64_t>(value) << 32 | kFromProgram | wake(processor);
  }
  static int processor(uint64_t argument) { return static_cast<int>(argument & 0xffff) - 1; }
  static bool is_program(uint64_t argument) { return argument & kFromProgram; }
  static uint32_t value(uint64_t argument) { return static_cast<uint32_t>(argument >> 32); }
};

inline uint64_t handle_of(const void* vp) { return reinterpret_cast<uintptr_t>(vp); }
inline void* pointer_of(uint64_t handle) { return reinterpret_cast<void*>(static_cast<uintptr_t>(handle)); }
inline Slot slot_of(uint64_t handle) { return VPI_HANDLE_SLOT(handle); }

class Vp {
 public:
  enum Kind { kPool, kProgram /* that create() has made */, kSystem };

  explicit Vp(Kind kind) : handle_(handle_of(vpi_get_vp())), self_(slot_of(handle_)), kind_(kind) {
    held[self_].block.store(0); /* whoever had the slot before */
    held[self_].offered.store(false);
    waiter_.vp = handle_;
  }

  void run(int first);

  int processor_index() const { return current_; }

  /* What an upcall means for the tokens. The processor that this VP has got by it, or -1; -1 too if it has one. */
  int settle(const vpi_user_data_t& ud);

 private:
  bool enter(int index, Entry entry);
  int serve(const Request& request, Entry* entry);
  int wait(Entry* entry);
  int64_t deadline_to_wait();
  int registered(int result, const vpi_user_data_t& ud, Entry* entry);
  int find_work();

  int go_idle(int64_t deadline, Entry* entry);
  int give_processor(uint64_t handle, uint32_t argument);
  void turn_down_offers();
  int resume_and_register(const Request& request, Entry* entry);
  int system_call(const Request& request, Entry* entry);
  int lose_processor(int64_t result, Entry* entry);
  void leave();
  void part_from(Processor& p);

  int acquire(int index);
  int system_register(int64_t deadline, Entry* entry);
  int system_vp_call(const Request& request, Entry* entry);
  int give_turn(uint64_t handle, Entry* entry);

  int on_blocked(uint64_t vp, Call call, uint32_t registered);
  int on_unblocked(const vpi_user_data_t& ud, uint64_t vp, Call call);
  int on_resumed(const vpi_user_data_t& ud);
  int tell(int index, const Upcall& upcall);

  int done(Entry* entry, int64_t result) {
    processor(current_).mailbox()[0] = static_cast<double>(result);
    *entry = Entry::kResult;
    return current_;
  }

  const uint64_t handle_;
  const Slot self_;
  const Kind kind_;
  Waiter waiter_;
  uint32_t calls_ = 0;
  int current_ = -1; /* the processor that this VP owns */
  bool exits_ = false;
  std::vector<Pin> pins_;
  uint64_t entered_ = 0; /* processors whose isolate knows this thread */
};

/* A raw system call with its number and arguments: its result or -errno. */
int64_t perform(const Request& request);

/* A deadline for vpi_user_data_t, where 0 and less mean something else. */
inline int64_t deadline_for_kernel(int64_t deadline) {
  if (deadline == kNever) return VPI_FOREVER;
  return deadline > 0 ? deadline : 1;
}

/* The calling thread's; null if it is no VP of JavaScript. */
extern thread_local Vp* this_vp;

/* Any registered VP, or the next one that registers. */
int resume_any(uint64_t argument);

/* The pool: before a VP runs anything, there is another one to be told that it blocks. */
void grow_pool(uint32_t registered);

/* The calling VP is about to end. */
void count_out();

/* The same for one that is sent away (reserve.h). False: it is needed, and must go on waiting. */
bool leave_pool();

}  // namespace vpi

#endif  // VPI_ADDON_VP_H
