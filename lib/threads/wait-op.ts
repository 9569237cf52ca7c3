/**
 * The ops of the thread system itself. What they do happens when they are called: the calling thread goes on at once, or
 * has been queued and the scheduler knows. What is `yield*`ed then is always the same object, which only tells the
 * scheduler that, and afterwards hands out the answer. So a switch of threads allocates nothing.
 */

import { Op, opBegun, opMade, type AnyOp } from '../vpi/op.ts';
import { scheduler } from './scheduler.ts';
import type { Thread } from './thread.ts';

/**
 * The base of all. Each class has a `next()` of its own, and functions that all share look at nothing of theirs: V8 does
 * well where it only ever sees one class.
 */
export abstract class ThreadOp<T> extends Op<T> {
  readonly name: string;
  /** Tells the scheduler that the thread is queued somewhere. */
  protected readonly waiting: IteratorResult<AnyOp, T>;

  constructor(name: string) {
    super();
    opBegun(this);
    this.name = name;
    this.waiting = { value: this, done: false };
  }

  /** The last statement of what is called. Where a thread is queued already, that shows if the `yield*` is missing. */
  start(): this {
    if (!scheduler.isQueued) opMade(this);
    return this;
  }
}

/** The thread that runs goes on after its `yield*`: to the result, or to the error that is for it. */
export function goOn(thread: Thread, op: AnyOp): void {
  opBegun(op);
  if (thread.error === undefined) return;
  const { error } = thread;
  thread.error = undefined;
  throw error;
}

const done: IteratorReturnResult<void> = { value: undefined, done: true };

/** Has no result. */
export class WaitOp extends ThreadOp<void> {
  override next(): IteratorResult<AnyOp, void> {
    if (scheduler.isQueued) return this.waiting;
    const thread = scheduler.current!;
    goOn(thread, this);
    return done;
  }
}

const yes: IteratorReturnResult<boolean> = { value: true, done: true };
const no: IteratorReturnResult<boolean> = { value: false, done: true };

/** Its result: whether what was waited for came in time. */
export class TimedOp extends ThreadOp<boolean> {
  override next(): IteratorResult<AnyOp, boolean> {
    if (scheduler.isQueued) return this.waiting;
    const thread = scheduler.current!;
    goOn(thread, this);
    return thread.timedOut ? no : yes;
  }
}
