/** Counting semaphores. */

import type { Op } from '../vpi/op.ts';
import { deadlineAfter } from './duration.ts';
import { scheduler } from './scheduler.ts';
import { Synchronizer, type Handle } from './synchronizer.ts';
import type { Thread } from './thread.ts';
import type { Waitable } from './waitable.ts';
import { TimedOp, WaitOp } from './wait-op.ts';

const acquireOp = new WaitOp('Semaphore.acquire()');
const acquireForOp = new TimedOp('Semaphore.acquireFor()');

/** So many permits; who finds none waits for one, in the order of asking. */
export class Semaphore extends Synchronizer<'Semaphore'> implements Waitable {
  readonly op = 'Semaphore.acquire()';

  /** @param permits a whole number from 0 on */
  constructor(permits: number) {
    super('Semaphore', checkedCount('permits', permits, 0));
  }

  /** The one that `shared()` gave that handle for. */
  static from(handle: Handle<'Semaphore'>): Semaphore {
    return new Semaphore(0).open(handle);
  }

  /** Permits that are free. */
  get permits(): number {
    return this.cell.value;
  }

  /** Waits for a permit and takes it. */
  acquire(): Op<void> {
    this.#acquire(scheduler.beginWait(), undefined);
    return acquireOp.start();
  }

  /** As `acquire()`, for `ms` milliseconds at most. Gives whether there was one. */
  acquireFor(ms: number): Op<boolean> {
    const deadline = deadlineAfter(ms);
    const thread = scheduler.beginWait();
    thread.timedOut = false;
    this.#acquire(thread, deadline);
    return acquireForOp.start();
  }

  /** Takes a permit if there is one. */
  tryAcquire(): boolean {
    const { cell } = this;
    cell.enter();
    const free = cell.value > 0;
    if (free) cell.value--;
    cell.leave();
    return free;
  }

  /** Gives back `count` permits; or new ones. */
  release(count = 1): void {
    checkedCount('count', count, 1);
    const { cell } = this;
    cell.enter();
    let left = count;
    while (left > 0 && cell.wakeFirst()) left--;
    cell.value += left;
    cell.leave();
  }

  #acquire(thread: Thread, deadline: number | undefined): void {
    const { cell } = this;
    cell.enter();
    if (cell.value > 0) cell.value--;
    else cell.queue(thread, this, deadline);
    cell.leave();
  }

  describe(): string {
    return 'Semaphore';
  }

  giveUp(thread: Thread, error: Error | undefined): boolean {
    const { cell } = this;
    cell.enter();
    const waited = cell.remove(thread);
    cell.leave();
    if (!waited) return false;
    scheduler.wakeWith(thread, error);
    return true;
  }
}

function checkedCount(name: string, value: number, least: number): number {
  if (!Number.isSafeInteger(value) || value < least) throw new RangeError(`${name} must be a whole number from ${least} on, not ${String(value)}`);
  return value;
}
