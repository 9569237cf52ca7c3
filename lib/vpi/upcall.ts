/** Upcalls: what a manager's `kernelRegister()` returns. */

import type { KernelOp } from './op.ts';

/** Notifications (paper, section 3): bits of a mask, and types of an upcall. */
export const Notification = {
  /** A VP blocked in the kernel: its processor is free for other threads. */
  BLOCKED: 0x01,
  /** A VP that blocked could go on, and is held until it is resumed. */
  UNBLOCKED: 0x02,
  /**
   * A VP was preempted in a call of the kernel, and goes on by itself. While a VP runs JavaScript it is not told of: the
   * native layer lets nobody hear of VPs that are in an isolate.
   */
  PREEMPT: 0x04,
  /** A VP was resumed by another, which can say why; or this processor has work. */
  RESUMED: 0x08,
  /** A registered VP was woken by a signal. Told to the processor that called `init()`. */
  SIGNAL: 0x10,
} as const;

/**
 * Not a notification of the kernel: a VP came back from its call without being held, and found its processor taken.
 * `op` is settled, and `data` is what the VP had set: the thread that waits for `op` can go on, on any VP.
 * It happens where UNBLOCKED is masked; and, seldom, where the kernel released a VP because nobody was left to resume it.
 */
export const DETACHED = 0x100;

/** Names a VP for as long as that exists. */
export type VpHandle = number & { readonly __brand: 'VpHandle' };

export interface Upcall {
  /** One of `Notification`, or `DETACHED`. */
  readonly type: number;
  /** The VP concerned; RESUMED: the one that resumed. */
  readonly vp: VpHandle;
  /** `getData()` of the VP concerned, as it is on this processor. */
  readonly data: unknown;
  /** How many VPs are left that could carry the next upcall. */
  readonly registered: number;
  /** RESUMED: the argument that was given. PREEMPT: how often the VP was preempted so far. */
  readonly arg: number;
  /** DETACHED: what the VP had done. */
  readonly op?: KernelOp<unknown>;
}
