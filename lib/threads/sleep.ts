/** `sleep()` and `yieldNow()`. */

import type { Op } from '../vpi/op.ts';
import { deadlineAfter } from './duration.ts';
import { scheduler } from './scheduler.ts';
import type { Waitable } from './waitable.ts';
import { WaitOp } from './wait-op.ts';

const sleeping: Waitable = {
  op: 'sleep()',
  describe: () => 'sleeps',

  giveUp(thread, error) {
    scheduler.wakeWith(thread, error);
    return true;
  },
};

const sleepOp = new WaitOp('sleep()');
const yieldOp = new WaitOp('yieldNow()');

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
  return yieldOp.start();
}
