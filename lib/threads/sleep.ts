/** `sleep()` and `yieldNow()`. */

import type { AnyOp, Op } from '../vpi/op.ts';
import { deadlineAfter } from './duration.ts';
import { scheduler } from './scheduler.ts';
import type { Waitable } from './waitable.ts';
import { ThreadOp, WaitOp } from './wait-op.ts';

const sleeping: Waitable = {
  op: 'sleep()',
  describe: () => 'sleeps',

  giveUp(thread, error) {
    scheduler.wakeWith(thread, error);
    return true;
  },
};

const sleepOp = new WaitOp('sleep()');
const done: IteratorReturnResult<void> = { value: undefined, done: true };

/** Who calls `yieldNow()` is always queued, and never given up. */
class YieldOp extends ThreadOp<void> {
  override next(): IteratorResult<AnyOp, void> {
    return scheduler.isQueued ? this.waiting : done;
  }
}

const yieldOp = new YieldOp('yieldNow()');

/** Waits for `ms` milliseconds, fractions allowed, or a little longer. It takes no VP. For threads. */
export function sleep(ms: number): Op<void> {
  const deadline = deadlineAfter(ms);
  const thread = scheduler.beginWait();
  scheduler.park(thread, sleeping, deadline);
  return sleepOp.start();
}

/** Lets the other threads that are ready go first. For threads. */
export function yieldNow(): Op<void> {
  scheduler.requeue(scheduler.beginWait());
  return yieldOp;
}
