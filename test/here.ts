/** Runs a thread on the host, without virtual processors: each of its system calls blocks the test. */

import { native } from '../lib/native.ts';
import type { AnyOp, KernelOp, Op, OpGenerator } from '../lib/vpi/op.ts';
import { mailboxLength } from '../lib/vpi/protocol.ts';

/** What the thread returns or throws. */
export function here<T>(thread: OpGenerator<T>): T {
  for (;;) {
    const step = thread.next();
    if (step.done) return step.value;
    settle(step.value);
  }
}

/** The same for one op. */
export function hereOp<T>(op: Op<T>): T {
  return here(
    (function* () {
      return yield* op;
    })(),
  );
}

/** Does what the native loop of a VP does. */
export function settle(op: AnyOp): void {
  if (!isKernelOp(op)) throw new TypeError(`${op.name} is nothing for a manager`);
  for (let call; !op.isSettled && (call = callOf(op)); ) op.receive(native.syscall(call[0]!, ...call.slice(1)));
}

/** By what it can do: the op may be of `lib/`, or of what `node-vpi` exports. */
function isKernelOp(op: AnyOp): op is KernelOp<unknown> {
  return 'request' in op;
}

/** Number and arguments of the system call that an op asks for; undefined: it is settled instead. */
export function callOf(op: KernelOp<unknown>): number[] | undefined {
  const mailbox = new Float64Array(mailboxLength);
  return op.request(mailbox) ? [...mailbox.subarray(1, 8)] : undefined;
}
