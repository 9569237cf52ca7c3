/** `join()`: waits for the end of a thread. */

import type { AnyOp, Op } from '../vpi/op.ts';
import { VpiError } from '../vpi/error.ts';
import { LocalCell } from './cell.ts';
import { beginWait, wakeWith } from './scheduler.ts';
import type { Thread } from './thread.ts';
import type { Waitable } from './waitable.ts';
import { ThreadOp } from './wait-op.ts';

/** While a thread joins another one, that is its `answer`. */
function joined(thread: Thread): Thread {
  return thread.answer as Thread;
}

const joining: Waitable = {
  describe: (thread) => `joins ${joined(thread).describe()}`,

  giveUp(thread, error) {
    if (!joined(thread).joiners!.remove(thread)) return false;
    wakeWith(thread, error);
    return true;
  },
};

/** What was thrown in the thread is thrown here. */
class JoinOp extends ThreadOp<unknown> {
  protected result(thread: Thread): IteratorResult<AnyOp, unknown> {
    const target = joined(thread);
    const { state, outcome } = target;
    target.isJoined = true;
    if (state === 'failed') throw outcome;
    return { done: true, value: outcome };
  }
}

const joinOp = new JoinOp('Thread.join()');

export function join<R>(thread: Thread<R>): Op<R> {
  const target = thread as Thread;
  const self = beginWait();
  if (target === self) throw new VpiError(EDEADLK, 'join', { advice: 'a thread cannot join itself' });
  self.answer = target;
  if (target.generator !== undefined) (target.joiners ??= new LocalCell(0)).queue(self, joining);
  return joinOp.start() as Op<R>;
}

const EDEADLK = -35;
