/**
 * Template 2, VP manager: the loop in which a VP runs threads.
 *
 * One VP at a time runs the manager loop of a processor, until something has to wait in the kernel. The loop only decides
 * between three things: fetch what the kernel has to tell, do for a thread what that needs of the kernel, be idle.
 *
 * **The thread system fills in** `manager()`: it runs ready threads, one after the other, and returns
 * - a thread whose `op` the kernel has to do (the thread has yielded it), or that has a `heldVp` and whose turn it is; or
 * - `undefined`, when no thread is ready, or `queuedCount()` says that there is news; or
 * - `finish(status)`, when everything is done.
 *
 * **Rules**
 * - Look at `queuedCount()` between two threads, and return when it is not 0. Otherwise a thread that never blocks keeps
 *   those waiting whose reads are done.
 * - A thread with a `heldVp` goes on on that VP and nowhere else: never call its generator, return it instead.
 * - Somebody has to return `finish()`. Without it the instance waits for ever.
 * - An error that leaves `manager()` ends the instance; errors of threads are the thread system's own business.
 */

import { KernelOp, kernelRegister, queuedCount, type OpGenerator } from '../vpi/index.ts';
import { idleLoop } from './idle-loop.ts';
import { notify } from './notification-handling.ts';
import { blockThread } from './thread-blocking.ts';
import type { ThreadSystem } from './thread-system.ts';
import type { VpiThread } from './thread.ts';
import { initializeVp } from './vp-initialization.ts';

/** `manager` of a thread system. */
export type RunThreads<T extends VpiThread> = () => T | KernelOp<never> | undefined;

/** What every VP does. */
export function* managerLoop<T extends VpiThread, Data>(system: ThreadSystem<T, Data>, isFirst: boolean): OpGenerator<never> {
  initializeVp(system.init, isFirst);
  for (;;) {
    const next = system.manager();
    if (next instanceof KernelOp) yield next;
    else if (next !== undefined) yield* blockThread(system, next);
    else if (queuedCount() > 0) notify(system, yield* kernelRegister({ timeout: 0 }));
    else yield* idleLoop(system);
  }
}
