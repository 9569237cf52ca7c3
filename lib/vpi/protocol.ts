/** The numbers of `native/addon/request.h` and `upcall.h`. */

/** What the native loop is asked for: `mailbox[0]`. */
export const Opcode = { register: 1, resumeRegister: 2, syscall: 3, waitRegister: 4, exit: 5, finish: 6 } as const;

/** With what it comes back. */
export const Entry = { news: 0, result: 1, timeout: 2, refused: 3 } as const;

/** As an upcall's type: the VP has ended. For the dispatcher alone. */
export const gone = 0x101;

/** A processor's shared memory: the mailbox, doubles through which requests and results pass; then the length of its inbox. */
export const mailboxLength = 16;
export const inboxLengthOffset = 8 * mailboxLength;

/** Where the mailbox has the handle of the VP that enters. */
export const mailboxHandle = 15;

/** No deadline; as an integer it is beyond any. */
export const never = 9.2e18;

/** The low bits of a handle are the VP's slot. */
export function slotOf(handle: number): number {
  return handle % 0x10000;
}
