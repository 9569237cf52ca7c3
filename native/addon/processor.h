/*
 * A processor: an isolate, its token, and what waits for whoever owns that.
 * Processors stand in a table for the life of the process, so that a VP that
 * is late never looks at freed memory.
 */
#ifndef VPI_ADDON_PROCESSOR_H
#define VPI_ADDON_PROCESSOR_H

#include <atomic>
#include <vector>

#include "gate.h"
#include "request.h"
#include "token.h"
#include "upcall.h"

namespace vpi {

constexpr int kMaxProcessors = 64;

/* No deadline, in ns of CLOCK_MONOTONIC. */
constexpr int64_t kNever = INT64_MAX;

/* What JavaScript sees as one ArrayBuffer: lib/vpi/protocol.ts. */
struct SharedPart {
  Mailbox mailbox; /* the owner's */
  std::atomic<int32_t> inbox_length{0};
};

struct alignas(64) Processor {
  SharedPart shared;
  Token token;
  Inbox inbox{&shared.inbox_length};
  /* Somebody has work for it that is in no inbox. Set before the token is looked at, cleared by who gets it. */
  std::atomic<bool> wanted{false};
  /* Written by the owner before it goes idle; means nothing while the token is not IDLE. */
  std::atomic<int64_t> deadline{kNever};
  /* It has joined the instance: there is an isolate behind the gate. */
  std::atomic<bool> open{false};
  Gate gate;

  /* Of the buffers of the call that is being asked for; the owner's. */
  std::vector<Pin> pins;

  Mailbox& mailbox() { return shared.mailbox; }

  bool has_work() const { return wanted.load() || !inbox.empty(); }

  /* Takes it if it is idle. */
  bool claim(Slot vp) {
    if (!open.load() || !token.claim(vp)) return false;
    wanted.store(false);
    return true;
  }

  /* Takes it if it is idle and there is work. */
  bool claim_work(Slot vp) { return has_work() && claim(vp); }

  void reset() {
    token.reset();
    inbox.clear();
    wanted.store(false);
    deadline.store(kNever);
    pins.clear();
  }
};

Processor& processor(int index);

}  // namespace vpi

#endif  // VPI_ADDON_PROCESSOR_H
