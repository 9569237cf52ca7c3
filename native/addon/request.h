/*
 * What JavaScript asks of the VP's native loop, and with what the loop comes
 * back. Both cross in the processor's mailbox: 16 doubles, which hold handles
 * (53 bits), addresses (47 bits) and results exactly.
 *
 * lib/vpi/dispatch.ts has the same numbers.
 */
#ifndef VPI_ADDON_REQUEST_H
#define VPI_ADDON_REQUEST_H

#include <cstdint>

namespace vpi {

enum class Opcode : int {
  kRegister = 1,        /* [1] deadline */
  kResumeRegister = 2,  /* [1] deadline, [2] handle or 0, [3] argument */
  kSyscall = 3,         /* [1] number, [2..7] arguments */
  kWaitRegister = 4,    /* [1] how many */
  kExit = 5,
  kFinish = 6,          /* [1] status */
};

enum class Entry : int {
  kNews = 0,    /* look at the inbox, and at whatever there is to run */
  kResult = 1,  /* [0] what the call returned, or -errno */
  kTimeout = 2, /* the processor's deadline is over */
};

constexpr int kMailboxSize = 16;
constexpr int kMailboxHandle = 15; /* of the VP that enters */

using Mailbox = double[kMailboxSize];

struct Request {
  Opcode opcode;
  double argument[kMailboxSize - 1];

  explicit Request(const Mailbox& mailbox) : opcode(static_cast<Opcode>(mailbox[0])) {
    for (int i = 1; i < kMailboxSize; i++) argument[i - 1] = mailbox[i];
  }

  int64_t integer(int i) const { return static_cast<int64_t>(argument[i]); }
};

}  // namespace vpi

#endif  // VPI_ADDON_REQUEST_H
