/**
 * Where a synchronization object keeps its value, its owner, and the threads that wait for it: in this isolate, or, once
 * it was shared with other processors, in shared memory.
 *
 * The objects are written once, on this. `enter()` and `leave()` are around whatever has to be seen as one step.
 */

import { scheduler } from './scheduler.ts';
import { ThreadQueue } from './thread-queue.ts';
import type { Thread } from './thread.ts';
import type { Waitable } from './waitable.ts';

export interface Cell {
  value: number;
  /** The id of a thread, 0: nobody's. */
  owner: number;
  /** The id of the first that waits, 0: nobody does. */
  readonly firstId: number;
  enter(): void;
  leave(): void;
  /** The running thread waits here; until `deadline` at most, if that is given. */
  queue(thread: Thread, waitable: Waitable, deadline?: number): void;
  /** Wakes the first that waits; false: nobody does. It may run before this returns: give it what it gets first. */
  wakeFirst(): boolean;
  /** The first that waits moves to the end of another cell of the same kind; false: nobody waits. */
  moveFirst(to: Cell): boolean;
  /** A thread of this processor that waits, but in no queue any more, joins this one. */
  append(thread: Thread): void;
  /** Takes a thread of this processor out; false: it is not here, because it was woken or moved. */
  remove(thread: Thread): boolean;
}

/** Nobody else sees it, and nothing here lets another thread run: so there is nothing to enter. */
export class LocalCell implements Cell {
  value: number;
  owner: number;
  readonly #queue = new ThreadQueue();

  constructor(value: number) {
    this.value = value;
    this.owner = 0;
  }

  get firstId(): number {
    return this.#queue.first?.id ?? 0;
  }

  enter(): void {}

  leave(): void {}

  queue(thread: Thread, waitable: Waitable, deadline?: number): void {
    scheduler.park(thread, waitable, deadline);
    this.append(thread);
  }

  wakeFirst(): boolean {
    const thread = this.takeFirst();
    if (thread === undefined) return false;
    scheduler.wake(thread);
    return true;
  }

  moveFirst(to: Cell): boolean {
    const thread = this.takeFirst();
    if (thread === undefined) return false;
    to.append(thread);
    return true;
  }

  append(thread: Thread): void {
    thread.cell = this;
    this.#queue.push(thread);
  }

  remove(thread: Thread): boolean {
    if (thread.cell !== this) return false;
    thread.cell = undefined;
    this.#queue.remove(thread);
    return true;
  }

  /** It still waits, but in no queue. */
  takeFirst(): Thread | undefined {
    const thread = this.#queue.shift();
    if (thread !== undefined) thread.cell = undefined;
    return thread;
  }
}
