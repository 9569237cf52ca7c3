/** Barriers: threads wait for each other. */

import type { AnyOp, Op } from '../vpi/op.ts';
import { scheduler } from './scheduler.ts';
import { Synchronizer, type Handle } from './synchronizer.ts';
import type { Thread } from './thread.ts';
import type { Waitable } from './waitable.ts';
import { goOn, ThreadOp } from './wait-op.ts';

const last: IteratorReturnResult<boolean> = { value: true, done: true };
const others: IteratorReturnResult<boolean> = { value: false, done: true };

class BarrierOp extends ThreadOp<boolean> {
  override next(): IteratorResult<AnyOp, boolean> {
    if (scheduler.isQueued) return this.waiting;
    const thread = scheduler.current!;
    goOn(thread, this);
    return thread.answer === true ? last : others;
  }
}

const barrierOp = new BarrierOp('Barrier.wait()');

/** So many threads wait until all of them are there; then it can be used again. */
export class Barrier extends Synchronizer<'Barrier'> implements Waitable {
  readonly op = 'Barrier.wait()';

  /** @param size a whole number from 1 on */
  constructor(size: number) {
    if (!Number.isSafeInteger(size) || size < 1) throw new RangeError(`size must be a whole number from 1 on, not ${String(size)}`);
    super('Barrier', size);
    this.cell.owner = size;
  }

  /** Of how many threads. It stands where others have their owner. */
  get size(): number {
    return this.cell.owner;
  }

  /** The one that `shared()` gave that handle for. */
  static from(handle: Handle<'Barrier'>): Barrier {
    return new Barrier(1).open(handle);
  }

  /** Waits until all are there. Gives true to the last of them, and false to the others. */
  wait(): Op<boolean> {
    const thread = scheduler.beginWait();
    const { cell } = this;
    cell.enter();
    // The value is how many are still missing.
    thread.answer = cell.value === 1;
    if (thread.answer) {
      cell.value = this.size;
      while (cell.wakeFirst());
    } else {
      cell.value--;
      cell.queue(thread, this);
    }
    cell.leave();
    return barrierOp.start();
  }

  describe(): string {
    return `Barrier, where ${this.cell.value} more are missing`;
  }

  /** It is not there any more, and another one may come in its place. */
  giveUp(thread: Thread, error: Error | undefined): boolean {
    const { cell } = this;
    cell.enter();
    const isThere = cell.remove(thread);
    if (isThere) cell.value++;
    cell.leave();
    if (isThere) scheduler.wakeWith(thread, error);
    return isThere;
  }
}
