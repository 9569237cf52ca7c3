/** Mutual exclusion. */

import type { Op } from '../vpi/op.ts';
import { VpiError } from '../vpi/error.ts';
import type { OpGenerator } from '../vpi/index.ts';
import { deadlineAfter } from './duration.ts';
import { scheduler } from './scheduler.ts';
import { Synchronizer, type Handle } from './synchronizer.ts';
import type { Thread } from './thread.ts';
import type { Waitable } from './waitable.ts';
import { TimedOp, WaitOp } from './wait-op.ts';

const EPERM = -1;
const EDEADLK = -35;

const lockOp = new WaitOp('Mutex.lock()');
const lockForOp = new TimedOp('Mutex.lockFor()');

/**
 * One thread at a time has it. Who waits gets it in the order of asking: `unlock()` hands it to the next one, so nobody can
 * come in between.
 */
export class Mutex extends Synchronizer<'Mutex'> implements Waitable {
  readonly op = 'Mutex.lock()';

  constructor() {
    super('Mutex', 0);
  }

  /** The one that `shared()` gave that handle for. */
  static from(handle: Handle<'Mutex'>): Mutex {
    return new Mutex().open(handle);
  }

  /** Whether somebody has it. */
  get locked(): boolean {
    return this.cell.owner !== 0;
  }

  /**
   * Waits until the running thread has it.
   *
   * @throws {VpiError} `EDEADLK`: it has it already
   */
  lock(): Op<void> {
    const thread = scheduler.beginWait();
    if (!this.#take(thread)) this.#queue(thread);
    return lockOp.start();
  }

  /** As `lock()`, for `ms` milliseconds at most. Gives whether it has it. */
  lockFor(ms: number): Op<boolean> {
    const deadline = deadlineAfter(ms);
    const thread = scheduler.beginWait();
    thread.timedOut = false;
    if (!this.#take(thread)) this.#queue(thread, deadline);
    return lockForOp.start();
  }

  /** Takes it if nobody has it. */
  tryLock(): boolean {
    const thread = scheduler.runningThread();
    const taken = this.#take(thread);
    if (!taken) this.cell.leave();
    return taken;
  }

  /**
   * Gives it to the one who has waited longest.
   *
   * @throws {VpiError} `EPERM`: the running thread does not have it
   */
  unlock(): void {
    this.checkOwner('unlock');
    const { cell } = this;
    cell.enter();
    cell.owner = cell.firstId;
    cell.wakeFirst();
    cell.leave();
  }

  /** Runs `body` while it has the mutex. */
  *withLock<R>(body: () => OpGenerator<R>): OpGenerator<R> {
    yield* this.lock();
    try {
      return yield* body();
    } finally {
      this.unlock();
    }
  }

  /** @internal */
  checkOwner(what: string): void {
    const thread = scheduler.runningThread();
    if (this.cell.owner === thread.id) return;
    throw new VpiError(EPERM, what, { advice: this.locked ? 'another thread has this mutex' : 'nobody has this mutex: lock() it first' });
  }

  /** @internal A thread of this processor that waits, but nowhere, is to have it. */
  admit(thread: Thread, error: Error | undefined): void {
    const { cell } = this;
    thread.error = error;
    cell.enter();
    if (cell.owner === 0) {
      cell.owner = thread.id;
      scheduler.wakeWith(thread, error);
    } else cell.append(thread);
    cell.leave();
  }

  /** False: somebody has it, and it is not left. */
  #take(thread: Thread): boolean {
    const { cell } = this;
    cell.enter();
    const { owner } = cell;
    if (owner !== 0 && owner !== thread.id) return false;
    if (owner === 0) cell.owner = thread.id;
    cell.leave();
    if (owner !== 0) throw new VpiError(EDEADLK, 'lock', { advice: 'the thread has this mutex already' });
    return true;
  }

  #queue(thread: Thread, deadline?: number): void {
    this.cell.queue(thread, this, deadline);
    this.cell.leave();
  }

  describe(): string {
    return `Mutex that thread ${this.cell.owner} has`;
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
