/** `join()`: waits for the end of a thread. */

import type { AnyOp, Op } from '../vpi/op.ts';
import { VpiError } from '../vpi/error.ts';
import { scheduler } from './scheduler.ts';
import type { Thread } from './thread.ts';
import type { Waitable } from './waitable.ts';
import { goOn, ThreadOp } from './wait-op.ts';

/** While a thread joins another one, that is its `answer`. */
function joined(thread: Thread): Thread {
  return thread.answer as Thread;
}

const joining: Waitable = {
  op: 'Thread.join()',
  describe: (thread) => `joins ${joined(thread).describe()}`,

  giveUp(thread, error) {
    unlink(joined(thread), thread);
    scheduler.wakeWith(thread, error);
    return true;
  },
};

/** Those who join a thread are linked to it, the last to come first: nothing is allocated for them. */
function link(target: Thread, joiner: Thread): void {
  joiner.next = target.joiners;
  target.joiners = joiner;
}

function unlink(target: Thread, joiner: Thread): void {
  if (target.joiners === joiner) target.joiners = joiner.next;
  else {
    let before = target.joiners!;
    while (before.next !== joiner) before = before.next!;
    before.next = joiner.next;
  }
  joiner.next = undefined;
}

/** What was thrown in the thread is thrown here. */
class JoinOp extends ThreadOp<unknown> {
  override next(): IteratorResult<AnyOp, unknown> {
    if (scheduler.isQueued) return this.waiting;
    const thread = scheduler.current!;
    goOn(thread, this);
    const target = joined(thread);
    target.isJoined = true;
    if (target.hasFailed) throw target.answer;
    return { value: target.answer, done: true };
  }
}

const joinOp = new JoinOp('Thread.join()');

export function join<R>(thread: Thread<R>): Op<R> {
  const target = thread as Thread;
  const self = scheduler.beginWait();
  if (target === self) throw new VpiError(EDEADLK, 'join', { advice: 'a thread cannot join itself' });
  self.answer = target;
  if (target.generator !== undefined) {
    scheduler.park(self, joining);
    link(target, self);
  }
  return joinOp.start() as Op<R>;
}

const EDEADLK = -35;
