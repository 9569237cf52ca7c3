/** Upcalls as a program sees them: counted, and told to those who listen. */

import { DETACHED, Notification } from '../vpi/index.ts';
import type { Thread } from './thread.ts';

/** `detached`: UNBLOCKED is not wanted, and the thread's call is over. */
export type UpcallName = 'blocked' | 'unblocked' | 'detached' | 'resumed' | 'preempted' | 'signal';

type Listener = (thread: Thread | undefined) => void;

interface Kind {
  readonly name: UpcallName;
  /** Since the instance began. */
  count: number;
  listeners: readonly Listener[];
}

const kind = (name: UpcallName): Kind => ({ name, count: 0, listeners: [] });

const kinds = new Map([
  [Notification.BLOCKED, kind('blocked')],
  [Notification.UNBLOCKED, kind('unblocked')],
  [DETACHED, kind('detached')],
  [Notification.RESUMED, kind('resumed')],
  [Notification.PREEMPT, kind('preempted')],
  [Notification.SIGNAL, kind('signal')],
]);

export function resetUpcalls(): void {
  for (const kind of kinds.values()) kind.count = 0;
}

/**
 * Calls `listener` with the thread concerned when the kernel tells this processor something; it must not wait. Gives
 * what takes that back.
 *
 * ```ts
 * const off = on('blocked', (thread) => console.log(`${thread?.name} is in the kernel`));
 * ```
 */
export function on(name: UpcallName, listener: Listener): () => void {
  const all = [...kinds.values()];
  const kind = all.find((kind) => kind.name === name);
  if (kind === undefined) throw new TypeError(`name must be one of ${all.map(({ name }) => name).join(', ')}, not ${String(name)}`);
  kind.listeners = [...kind.listeners, listener];
  return () => {
    kind.listeners = kind.listeners.filter((other) => other !== listener);
  };
}

export function onNotification(type: number, thread: Thread | undefined): void {
  const kind = kinds.get(type)!;
  kind.count++;
  for (const listener of kind.listeners) listener(thread);
}

/** Upcalls of this processor since `run()` began. */
export function upcallCounts(): Readonly<Record<UpcallName, number>> {
  return Object.fromEntries([...kinds.values()].map(({ name, count }) => [name, count])) as Record<UpcallName, number>;
}
