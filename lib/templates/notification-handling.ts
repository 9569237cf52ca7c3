/**
 * Template 3, notification handling: what an upcall means for the threads.
 *
 * An upcall is the return value of a registered VP's `kernelRegister()`, and is handled by whichever VP runs the processor.
 * What VPI requires is done here; then the thread system hears of it.
 *
 * | upcall | means | done here |
 * |---|---|---|
 * | BLOCKED | the thread's VP waits in the kernel; this VP goes on in its place | nothing |
 * | UNBLOCKED | the thread's call is over, and its VP is held until its turn | `block.ready(thread)`, with `heldVp` set |
 * | DETACHED | the thread's call is over, and it can go on on any VP | `block.done(thread)`, `block.ready(thread)` |
 * | RESUMED | another VP, or another processor, wants this one to look for work | nothing |
 * | PREEMPT | a VP was preempted; its thread goes on by itself | nothing |
 * | SIGNAL | a registered VP was woken by a signal | nothing |
 *
 * **The thread system fills in** `onNotification(type, thread, upcall)`: counters, tracing, what a program asks to be told
 * of, a policy for PREEMPT.
 *
 * **Rules**
 * - It must not wait: it is a plain function, and its VP carries nothing else meanwhile.
 * - BLOCKED may come when the thread has gone on already, and does not come for a wait that was over before anybody could
 *   be told. Count it, but build nothing on it.
 */

import { DETACHED, Notification, type Upcall } from '../vpi/index.ts';
import type { ThreadSystem } from './thread-system.ts';
import type { VpiThread } from './thread.ts';

/** `onNotification` of a thread system. `thread` is the one concerned; undefined where it is about none. */
export type OnNotification<T extends VpiThread> = (type: number, thread: T | undefined, upcall: Upcall) => void;

/** Handles what `kernelRegister()` returned; `undefined`, the end of its timeout, is not about any thread. */
export function notify<T extends VpiThread, Data>(system: ThreadSystem<T, Data>, upcall: Upcall | undefined): void {
  if (upcall === undefined) return;
  const thread = upcall.data as T | undefined;
  if (thread !== undefined && upcall.type === Notification.UNBLOCKED) unblocked(system, thread, upcall);
  if (thread !== undefined && upcall.type === DETACHED) detached(system, thread, upcall);
  system.onNotification(upcall.type, thread, upcall);
}

/** The kernel may have released the VP since, because nobody was left to resume it: then its thread has gone on already. */
function unblocked<T extends VpiThread, Data>({ block }: ThreadSystem<T, Data>, thread: T, { vp }: Upcall): void {
  if (thread.op === undefined || thread.heldVp !== undefined) return;
  thread.heldVp = vp;
  block.ready(thread);
}

function detached<T extends VpiThread, Data>({ block }: ThreadSystem<T, Data>, thread: T, { op }: Upcall): void {
  const isReady = wasHeld(thread);
  thread.op = undefined;
  block.done(thread, op!);
  if (!isReady) block.ready(thread);
}

/** It came back by itself although it was held, and is in the ready queue for that. It is held no more. */
export function wasHeld(thread: VpiThread): boolean {
  const { heldVp } = thread;
  thread.heldVp = undefined;
  return heldVp !== undefined;
}
