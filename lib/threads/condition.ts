/** Conditions: threads wait for something that others bring about, under a mutex. */

import type { Op } from '../vpi/op.ts';
import { VpiError } from '../vpi/error.ts';
import type { Cell } from './cell.ts';
import { deadlineAfter } from './duration.ts';
import type { Mutex } from './mutex.ts';
import { scheduler } from './scheduler.ts';
import { SharedCell } from './shared-cell.ts';
import { Synchronizer, type Handle } from './synchronizer.ts';
import type { Thread } from './thread.ts';
import type { Waitable } from './waitable.ts';
import { TimedOp, WaitOp } from './wait-op.ts';

const EINVAL = -22;

const waitOp = new WaitOp('Condition.wait()');
const waitForOp = new TimedOp('Condition.waitFor()');

/**
 * Who is signalled moves to the queue of the mutex, and runs when it has that: so a signal wakes nobody who then only
 * waits again, and no wakeup is spurious.
 */
export class Condition extends Synchronizer<'Condition'> implements Waitable {
  readonly op = 'Condition.wait()';
  /** Of those who wait, where it is not shared. */
  #mutex: Mutex | undefined;

  constructor() {
    super('Condition', 0);
  }

  /** The one that `shared()` gave that handle for. */
  static from(handle: Handle<'Condition'>): Condition {
    return new Condition().open(handle);
  }

  /**
   * Gives up the mutex and waits, in one step, until it is signalled; then it has the mutex again, also where it was
   * cancelled.
   *
   * @throws {VpiError} `EPERM`: the running thread does not have `mutex`; `EINVAL`: others wait with another mutex
   */
  wait(mutex: Mutex): Op<void> {
    this.#wait(mutex, undefined);
    return waitOp.start();
  }

  /** As `wait()`, for `ms` milliseconds at most. Gives whether it was signalled; it has the mutex again in any case. */
  waitFor(mutex: Mutex, ms: number): Op<boolean> {
    this.#wait(mutex, deadlineAfter(ms));
    return waitForOp.start();
  }

  #wait(mutex: Mutex, deadline: number | undefined): void {
    const thread = scheduler.beginWait();
    mutex.checkOwner('wait');
    this.shareWith(mutex);
    const { cell } = this;
    cell.enter();
    const isOther = cell.firstId !== 0 && !isSame(this.#mutexCell, mutex.cell);
    if (!isOther) {
      this.#mutex = mutex;
      if (mutex.cell instanceof SharedCell) cell.value = mutex.cell.index + 1;
      cell.queue(thread, this, deadline);
    }
    cell.leave();
    if (isOther) throw new VpiError(EINVAL, 'wait', { advice: 'other threads wait for this condition with another mutex' });
    mutex.unlock();
  }

  /** A shared condition has the number of its mutex as its value; 0: there never was one. */
  get #mutexCell(): Cell | undefined {
    const { cell } = this;
    if (!(cell instanceof SharedCell)) return this.#mutex?.cell;
    return cell.value === 0 ? undefined : new SharedCell(cell.value - 1);
  }

  /** Wakes the one who has waited longest, if anybody waits. */
  signal(): void {
    this.#signal();
  }

  /** Wakes all who wait. */
  broadcast(): void {
    while (this.#signal());
  }

  #signal(): boolean {
    if (this.#mutex !== undefined) this.shareWith(this.#mutex);
    const { cell } = this;
    cell.enter();
    // It was shared only now, because its mutex was.
    if (cell instanceof SharedCell && cell.value === 0 && this.#mutex?.cell instanceof SharedCell) cell.value = this.#mutex.cell.index + 1;
    const mutex = this.#mutexCell;
    const found = mutex !== undefined && cell.firstId !== 0;
    if (found) admitFirst(cell, mutex);
    cell.leave();
    return found;
  }

  describe(thread: Thread): string {
    return thread.cell === this.cell ? 'Condition' : this.#mutex!.describe();
  }

  /** Who was signalled already only waits for the mutex, and that it must. */
  giveUp(thread: Thread, error: Error | undefined): boolean {
    const { cell } = this;
    cell.enter();
    const waited = cell.remove(thread);
    cell.leave();
    if (!waited) return false;
    this.#mutex!.admit(thread, error);
    return true;
  }
}

/** The first that waits gets the mutex, or has to wait for that. */
function admitFirst(cell: Cell, mutex: Cell): void {
  mutex.enter();
  if (mutex.owner !== 0) cell.moveFirst(mutex);
  else {
    mutex.owner = cell.firstId;
    cell.wakeFirst();
  }
  mutex.leave();
}

function isSame(a: Cell | undefined, b: Cell): boolean {
  return a instanceof SharedCell && b instanceof SharedCell ? a.index === b.index : a === b;
}
