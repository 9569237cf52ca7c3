/*
 * The native loop: a VP enters an isolate, brings out what JavaScript asks of
 * the kernel, does that outside, and goes back in; or waits for an upcall.
 *
 * NOUPCALL is set all the time but for the system call of a thread. So what
 * else may block (a page fault, the allocator, a garbage collection, V8's
 * lock) is never notified and never held: a held owner of a token would stop
 * its processor for good.
 */
#include "loop.h"

#include <algorithm>
#include <cerrno>
#include <unistd.h>
#include <utility>
#include <vpi.h>

#include "instance.h"
#include "timekeeper.h"

namespace vpi {

/* A call of a VP, as its events name it: what the VP writes as its cookie. */
struct Call {
  int processor;
  uint32_t number;

  static Call from_cookie(uint64_t cookie) { return {static_cast<int>(cookie >> 32), static_cast<uint32_t>(cookie)}; }
  uint64_t cookie() const { return static_cast<uint64_t>(processor) << 32 | number; }
};

/* What resuming a VP that UNBLOCKED has told of needs, by the VP's slot. */
struct Held {
  std::atomic<uint64_t> cookie{0};
  std::atomic<uint64_t> block{0}; /* the kernel's number of the block; 0: none */
};
static Held held[VPI_MAX_VPS];

/* The parameter of RESUMED: for which processor (plus one, 0: for none), and what a program has given. */
struct ResumeArgument {
  static constexpr uint64_t kFromProgram = 1ULL << 31;

  static uint64_t wake(int processor) { return static_cast<uint64_t>(processor + 1); }
  static uint64_t program(int processor, uint32_t value) {
    return static_cast<uint64_t>(value) << 32 | kFromProgram | wake(processor);
  }
  static int processor(uint64_t argument) { return static_cast<int>(argument & 0xffff) - 1; }
  static bool is_program(uint64_t argument) { return argument & kFromProgram; }
  static uint32_t value(uint64_t argument) { return static_cast<uint32_t>(argument >> 32); }
};

static uint64_t handle_of(const void* vp) { return reinterpret_cast<uintptr_t>(vp); }
static void* pointer_of(uint64_t handle) { return reinterpret_cast<void*>(static_cast<uintptr_t>(handle)); }
static Slot slot_of(uint64_t handle) { return VPI_HANDLE_SLOT(handle); }

static int resume_any(uint64_t argument) { return vpi_kernel_resume_arg(nullptr, VPI_SEQ_ANY, argument); }

/* JavaScript's `never` is not exactly INT64_MAX: a double has no such number. */
static int64_t deadline_from(int64_t asked) { return asked >= INT64_C(9200000000000000000) ? kNever : asked; }

class Loop {
 public:
  Loop() : handle_(handle_of(vpi_get_vp())), self_(slot_of(handle_)) {}

  void run(int first);

  int processor_index() const { return current_; }

  /* What an upcall means for the tokens. The processor that this VP has got by it, or -1; -1 too if it has one. */
  int settle(const vpi_user_data_t& ud);

 private:
  bool enter(int index, Entry entry);
  int serve(const Request& request, Entry* entry);
  int wait(Entry* entry);
  int registered(int result, const vpi_user_data_t& ud, Entry* entry);
  int find_work();

  int go_idle(int64_t deadline, Entry* entry);
  int resume_and_register(const Request& request, Entry* entry);
  int system_call(const Request& request, Entry* entry);
  int lose_processor(int64_t result, Entry* entry);
  void leave();

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
  uint32_t calls_ = 0;
  int current_ = -1; /* the processor that this VP owns */
  bool exits_ = false;
  std::vector<Pin> pins_;
  uint64_t entered_ = 0; /* processors whose isolate knows this thread */
};

static thread_local Loop* this_loop;

/* ---- Creation -------------------------------------------------------------------- */

static void vp_main(vpi_user_data_t* ud) {
  Loop loop;
  this_loop = &loop;
  loop.run(static_cast<int>(reinterpret_cast<intptr_t>(ud->data)) - 1);
  this_loop = nullptr;
}

int create_vp(int first, uint64_t* handle) {
  vpi_create_options options = {};
  options.data = reinterpret_cast<void*>(static_cast<intptr_t>(first + 1));
  const int ret = vpi_create_with(vp_main, &options);
  if (ret == 0 && handle) *handle = handle_of(options.vp);
  return ret;
}

/* The pool: before a VP runs anything, there is another one to be told that it blocks. */
static void grow_pool(uint32_t registered) {
  /* If that fails, VPs are short: events wait in the kernel until one registers. */
  if (registered == 0 && vpi_get_vp_count() < max_vps()) create_vp(-1, nullptr);
}

/* ---- The loop -------------------------------------------------------------------- */

void Loop::run(int first) {
  Entry entry = Entry::kNews;
  int next = first >= 0 && processor(first).claim(self_) ? first : -1;

  while (!instance_is_ending() && !exits_) {
    if (next < 0) next = wait(&entry);
    if (next < 0) break;
    current_ = next;
    if (!enter(next, entry)) break;
    Processor& p = processor(next);
    pins_ = std::exchange(p.pins, {});
    next = serve(Request(p.mailbox()), &entry);
    if (next < 0) current_ = -1;
  }
  if (current_ >= 0 && processor(current_).token.is_owned_by(self_)) leave();
  for (int i = 0; i < kMaxProcessors; i++)
    if (entered_ >> i & 1) processor(i).gate.forget_thread();
}

bool Loop::enter(int index, Entry entry) {
  entered_ |= uint64_t{1} << index;
  processor(index).mailbox()[kMailboxHandle] = static_cast<double>(handle_);
  if (processor(index).gate.enter(self_, static_cast<int>(entry))) return true;
  /* Its environment ends: processors are not replaced. */
  fail_instance("");
  return false;
}

int Loop::serve(const Request& request, Entry* entry) {
  switch (request.opcode) {
    case Opcode::kRegister:
      return go_idle(deadline_from(request.integer(0)), entry);
    case Opcode::kResumeRegister:
      return resume_and_register(request, entry);
    case Opcode::kSyscall:
      return system_call(request, entry);
    case Opcode::kWaitRegister:
      /* The others need no processor to register, so this one is kept. */
      return done(entry, vpi_kernel_wait_register(static_cast<int>(request.integer(0))));
    case Opcode::kExit:
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
void Loop::leave() {
  Processor& p = processor(current_);
  p.deadline.store(kNever);
  p.token.idle(self_);
  if (!instance_is_ending()) wake_processor(current_);
  current_ = -1;
}

int Loop::go_idle(int64_t deadline, Entry* entry) {
  Processor& p = processor(current_);
  *entry = Entry::kNews;
  p.deadline.store(deadline);
  p.token.idle(self_);
  return p.claim_work(self_) ? current_ : -1;
}

/* ---- The system call of a thread --------------------------------------------------- */

int Loop::system_call(const Request& request, Entry* entry) {
  const Call call = {current_, ++calls_};
  Token& token = processor(current_).token;
  int64_t a[7];
  for (int i = 0; i < 7; i++) a[i] = request.integer(i);

  vpi_set_cookie(call.cookie());
  token.begin_call(self_, call.number);
  vpi_noupcall_clear();
  int64_t result = syscall(a[0], a[1], a[2], a[3], a[4], a[5], a[6]);
  if (result == -1) result = -errno;
  vpi_noupcall_set();

  pins_.clear();
  held[self_].block.store(0);
  if (instance_is_ending()) return -1;
  if (token.end_call(self_, call.number)) return done(entry, result);
  return lose_processor(result, entry);
}

/*
 * Back from a call, without a token: released without being held, because
 * UNBLOCKED is masked, or because nobody was left to resume this VP.
 */
int Loop::lose_processor(int64_t result, Entry* entry) {
  const int index = current_;
  Processor& p = processor(index);
  if (p.claim(self_)) return done(entry, result);
  current_ = -1;
  *entry = Entry::kNews;
  return tell(index, {kDetached, handle_, 0, vpi_get_registered_count(), result});
}

/* ---- Waiting for an upcall ------------------------------------------------------------ */

/* Work for an idle processor that nobody was woken for. */
int Loop::find_work() {
  for (int i = 0; i < processor_count(); i++)
    if (processor(i).claim_work(self_)) return i;
  return -1;
}

static int64_t deadline_for_kernel(int64_t deadline) {
  if (deadline == kNever) return VPI_FOREVER;
  return std::max<int64_t>(deadline, 1); /* 0 and less mean something else */
}

/* Until there is a processor to run; -1: the instance ends. */
int Loop::wait(Entry* entry) {
  while (!instance_is_ending()) {
    *entry = Entry::kNews;
    int next = find_work();
    if (next >= 0) {
      if (time_is_lost()) resume_any(0);
      return next;
    }
    vpi_user_data_t ud = {};
    ud.deadline = deadline_for_kernel(keep_time(self_));
    const int result = vpi_kernel_register(&ud);
    next = registered(result, ud, entry);
    if (next >= 0) return next;
  }
  return -1;
}

/* After any register. The processor that this VP has got, or -1. */
int Loop::registered(int result, const vpi_user_data_t& ud, Entry* entry) {
  int next = -1;
  *entry = Entry::kNews;
  const bool time_left = stop_keeping_time(self_);
  if (instance_is_ending()) return -1;
  if (result == 0) {
    grow_pool(ud.registered);
    next = settle(ud);
  } else if (result == -ETIMEDOUT) {
    const int overdue = overdue_processor();
    if (overdue >= 0 && processor(overdue).claim(self_)) {
      *entry = Entry::kTimeout;
      next = overdue;
    }
  }
  /* Away from the clock: somebody else is to look at it. */
  if (next >= 0 && time_left) resume_any(0);
  return next;
}

int Loop::resume_and_register(const Request& request, Entry* entry) {
  const uint64_t handle = static_cast<uint64_t>(request.integer(1));
  Held& h = held[slot_of(handle)];
  const uint64_t block = handle ? h.block.load() : 0;
  const Call call = Call::from_cookie(h.cookie.load());

  if (!block || call.processor != current_) {
    const int result = resume_vp(handle, static_cast<uint32_t>(request.integer(2)), current_);
    return result < 0 ? done(entry, result) : go_idle(deadline_from(request.integer(0)), entry);
  }

  Token& token = processor(current_).token;
  const Slot other = slot_of(handle);
  vpi_user_data_t ud = {};
  ud.vp = pointer_of(handle);
  ud.seq = block;
  token.offer(self_, other, call.number);
  ud.deadline = deadline_for_kernel(keep_time(self_));
  const int index = std::exchange(current_, -1);
  const int result = vpi_kernel_resume_register(&ud);
  if (result == 0 || result == -ETIMEDOUT || result == -EINTR || result == -ECANCELED)
    return registered(result, ud, entry);

  /* It could not be resumed, and this VP is not registered. */
  stop_keeping_time(self_);
  if (!token.withdraw(self_, other, call.number)) return -1;
  current_ = index;
  return done(entry, result);
}

/* ---- What upcalls mean for the tokens ---------------------------------------------------- */

int Loop::settle(const vpi_user_data_t& ud) {
  const uint64_t vp = handle_of(ud.vp);
  switch (ud.type) {
    case VPI_BLOCKED:
      return on_blocked(vp, Call::from_cookie(ud.cookie), ud.registered);
    case VPI_UNBLOCKED:
      return on_unblocked(ud, vp, Call::from_cookie(ud.cookie));
    case VPI_RESUMED:
      return on_resumed(ud);
    default:
      return -1;
  }
}

/* Pushes first and looks at the token then. */
int Loop::tell(int index, const Upcall& upcall) {
  Processor& p = processor(index);
  p.inbox.push(upcall);
  if (current_ < 0) return p.claim(self_) ? index : -1;
  if (index != current_) wake_processor(index);
  return -1;
}

/* If the swap fails, the VP is back already, and nobody needs to hear of it. */
int Loop::on_blocked(uint64_t vp, Call call, uint32_t registered) {
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

int Loop::on_unblocked(const vpi_user_data_t& ud, uint64_t vp, Call call) {
  Processor& p = processor(call.processor);
  Held& h = held[slot_of(vp)];
  h.cookie.store(call.cookie());
  h.block.store(ud.seq);

  /* Nothing runs there: the VP itself shall. */
  if (call.processor != current_ && p.token.offer_idle(slot_of(vp), call.number)) {
    if (vpi_kernel_resume_arg(ud.vp, ud.seq, 0) == 0) return -1;
    if (!p.token.withdraw(self_, slot_of(vp), call.number)) return -1;
    if (current_ < 0) return call.processor;
    p.token.idle(self_);
    if (p.has_work()) wake_processor(call.processor);
    return -1;
  }
  return tell(call.processor, {VPI_UNBLOCKED, vp, 0, ud.registered, 0});
}

int Loop::on_resumed(const vpi_user_data_t& ud) {
  const int index = ResumeArgument::processor(ud.arg);
  if (index < 0) return -1; /* to keep time: its next register does */
  if (ResumeArgument::is_program(ud.arg))
    return tell(index, {VPI_RESUMED, handle_of(ud.vp), ResumeArgument::value(ud.arg), ud.registered, 0});
  Processor& p = processor(index);
  if (current_ < 0) return p.claim(self_) ? index : -1;
  /* Fetched by a VP that is busy elsewhere. Not dropped: the VP that looked for work before this came may be asleep. */
  if (index != current_ && p.open.load() && p.token.is_idle()) wake_processor(index);
  return -1;
}

/* ---- For others ------------------------------------------------------------------------------ */

void wake_processor(int index) {
  Processor& p = processor(index);
  p.wanted.store(true);
  if (p.open.load() && p.token.is_idle()) {
    resume_any(ResumeArgument::wake(index));
    grow_pool(vpi_get_registered_count());
  }
}

bool poll_notification() {
  vpi_user_data_t ud = {};
  ud.deadline = VPI_NO_WAIT;
  if (vpi_kernel_register(&ud) < 0) return false;
  grow_pool(ud.registered);
  this_loop->settle(ud);
  return true;
}

int resume_vp(uint64_t handle, uint32_t argument, int index) {
  Held& h = held[slot_of(handle)];
  const uint64_t block = handle ? h.block.load() : 0;
  if (block) {
    const int ret = vpi_kernel_resume_arg(pointer_of(handle), block, 0);
    if (ret != -ESTALE) return ret;
  }
  return vpi_kernel_resume_arg(pointer_of(handle), VPI_SEQ_ANY, ResumeArgument::program(index, argument));
}

int current_processor() { return this_loop ? this_loop->processor_index() : -1; }

}  // namespace vpi
