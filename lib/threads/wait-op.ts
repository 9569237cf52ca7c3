/**
 * The ops of the thread system itself. What they do happens when they are called: the calling thread goes on at once, or
 * has been queued and its state says so. What is `yield*`ed then is always the same object, which only tells the
 * scheduler that, and afterwards hands out the answer. So a switch of threads allocates nothing.
 */

import { Op, type AnyOp } from '../vpi/op.ts';
import { current } from './scheduler.ts';
import type { Thread } from './thread.ts';

/** The base of all. */
export abstract class ThreadOp<T> extends Op<T> {
  readonly name: string;
  readonly #waiting: IteratorResult<AnyOp, T> = { done: false, value: this };

  constructor(name: string) {
    super();
    this.begun();
    this.name = name;
  }

  /** The last statement of what is called: the scheduler will see if its `yield*` is missing. */
  start(): this {
    return this.made();
  }

  override next(): IteratorResult<AnyOp, T> {
    this.begun();
    const thread = current!;
    if (thread.state !== 'running') return this.#waiting;
    if (thread.error === undefined) return this.result(thread);
    const { error } = thread;
    thread.error = undefined;
    throw error;
  }

  protected abstract result(thread: Thread): IteratorResult<AnyOp, T>;
}

const done: IteratorReturnResult<void> = { done: true, value: undefined };

/** Has no result. */
export class WaitOp extends ThreadOp<void> {
  protected result(): IteratorResult<AnyOp, void> {
    return done;
  }
}

const yes: IteratorReturnResult<boolean> = { done: true, value: true };
const no: IteratorReturnResult<boolean> = { done: true, value: false };

/** Its result: whether what was waited for came in time. */
export class TimedOp extends ThreadOp<boolean> {
  protected result(thread: Thread): IteratorResult<AnyOp, boolean> {
    return thread.timedOut ? no : yes;
  }
}

/** Its result is the thread's `answer`. */
export class AnswerOp<T> extends ThreadOp<T> {
  protected result(thread: Thread): IteratorResult<AnyOp, T> {
    return { done: true, value: thread.answer as T };
  }
}
