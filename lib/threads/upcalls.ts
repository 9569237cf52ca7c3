/** Upcalls as a program sees them: counted, and told to those who listen. */

import { DETACHED, Notification } from '../vpi/index.ts';
import type { Thread } from './thread.ts';

/** `detached`: UNBLOCKED is not wanted, and the thread's call is over. */
export type UpcallName = 'blocked' | 'unblocked' | 'detached' | 'resumed' | 'preempted' | 'signal';

const names = new Map<number, UpcallName>([
  [Notification.BLOCKED, 'blocked'],
  [Notification.UNBLOCKED, 'unblocked'],
  [DETACHED, 'detached'],
  [Notification.RESUMED, 'resumed'],
  [Notification.PREEMPT, 'preempted'],
  [Notification.SIGNAL, 'signal'],
]);

type Listener = (thread: Thread | undefined) => void;

const listeners = new Map<UpcallName, Listener[]>();
let counts: Record<UpcallName, number>;

export function resetUpcalls(): void {
  counts = { blocked: 0, unblocked: 0, detached: 0, resumed: 0, preempted: 0, signal: 0 };
}

resetUpcalls();

/**
 * Calls `listener` with the thread concerned when the kernel tells this processor something; it must not wait. Gives
 * what takes that back.
 *
 * ```ts
 * const off = on('blocked', (thread) => console.log(`${thread?.name} is in the kernel`));
 * ```
 */
export function on(name: UpcallName, listener: Listener): () => void {
  if (![...names.values()].includes(name)) throw new TypeError(`name must be one of ${[...names.values()].join(', ')}, not ${String(name)}`);
  listeners.set(name, [...(listeners.get(name) ?? []), listener]);
  return () => void listeners.set(name, listeners.get(name)!.filter((other) => other !== listener));
}

export function onNotification(type: number, thread: Thread | undefined): void {
  const name = names.get(type)!;
  counts[name]++;
  for (const listener of listeners.get(name) ?? []) listener(thread);
}

/** Upcalls of this processor since `run()` began. */
export function upcallCounts(): Readonly<Record<UpcallName, number>> {
  return { ...counts };
}
