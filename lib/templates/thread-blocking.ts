/**
 * Template 4, thread blocking: what a VP does for a thread that needs the kernel.
 *
 * The thread's `op` bubbles up to the VP's native loop, which makes the system call outside of the isolate. If that blocks,
 * the kernel says so to another VP, which runs the other threads: it looks to this one as if it had slept in its `yield`.
 * When the call is over the thread's own VP comes back (at once if it has not blocked; resumed by somebody, in its
 * turn, if it has), or its result comes as DETACHED to another.
 *
 * **The thread system fills in**
 * - `block.begin(thread)`: its state is "in the kernel" from here on;
 * - `block.done(thread, op)`: the call is over; a result or an error will come out of the `yield*` when the thread goes on;
 * - `block.ready(thread)`: put it into the ready queue, at the end: its call is over, and it has to wait for its turn;
 * - `block.resumed(thread)`: put it into the ready queue, first: it has had its turn, and its VP is back.
 *
 * **Rules**
 * - Between `block.begin()` and `block.done()` nobody may resume the thread's generator, not even where it is ready.
 * - `ready` and `resumed` are called once per block, for a thread that is in no queue. Forgotten there, it never runs again.
 * - Threads that wait for each other (a mutex, a join, a timer) do not come here: they need no VP to wait.
 */

import { kernelResumeAndRegister, setData, type KernelOp, type OpGenerator } from '../vpi/index.ts';
import { notify, wasHeld } from './notification-handling.ts';
import type { ThreadSystem } from './thread-system.ts';
import type { VpiThread } from './thread.ts';

/** `block` of a thread system. */
export interface Blocking<T extends VpiThread> {
  begin(thread: T): void;
  done(thread: T, op: KernelOp<unknown>): void;
  ready(thread: T): void;
  resumed(thread: T): void;
}

/** Gives the processor to the VP that is held with `thread`, or has the kernel do its `op`. */
export function* blockThread<T extends VpiThread, Data>(system: ThreadSystem<T, Data>, thread: T): OpGenerator {
  const { heldVp } = thread;
  if (heldVp !== undefined) {
    thread.heldVp = undefined;
    notify(system, yield* kernelResumeAndRegister(heldVp));
    return;
  }
  const op = thread.op!;
  system.block.begin(thread);
  setData(thread);
  yield op;
  setData(undefined);
  const isReady = wasHeld(thread);
  thread.op = undefined;
  system.block.done(thread, op);
  if (!isReady) system.block.resumed(thread);
}
