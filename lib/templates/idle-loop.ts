/**
 * Template 5, idle loop: what a VP does when no thread is ready.
 *
 * It waits in the kernel, registered, until an upcall comes, and costs nothing meanwhile. It is not woken to look around:
 * who makes a thread ready here says so, by an upcall or by `wakeProcessor()`.
 *
 * **The thread system fills in** `idle()`: milliseconds to the next timer that it keeps, 0 if there is something to do
 * after all, `undefined` for ever.
 *
 * **Rules**
 * - 0 if a thread is ready: `manager()` may have stopped for news that another VP has fetched since, and no more will come.
 * - What other processors can add to (a shared queue) is looked at in `idle()` once more, after "I sleep" was written where
 *   they see it; they add first and look at that then. In any other order a wake-up is lost. Whoever calls
 *   `wakeProcessor()` each time, asleep or not, need not write it.
 * - Timers are looked at in `manager()`. Here only the earliest counts.
 */

import { kernelRegister, type OpGenerator } from '../vpi/index.ts';
import { notify } from './notification-handling.ts';
import type { ThreadSystem } from './thread-system.ts';
import type { VpiThread } from './thread.ts';

/** `idle` of a thread system. */
export type Idle = () => number | undefined;

export function* idleLoop<T extends VpiThread, Data>(system: ThreadSystem<T, Data>): OpGenerator {
  const timeout = system.idle();
  notify(system, yield* kernelRegister(timeout === undefined ? {} : { timeout }));
}
