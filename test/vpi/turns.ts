/** The manager of the thread systems in tests and benchmarks: threads take turns, each until it waits in the kernel. */

import {
  DETACHED,
  kernelRegister,
  kernelResumeAndRegister,
  Notification,
  queuedCount,
  setData,
  type OpGenerator,
  type Upcall,
  type VpHandle,
} from 'node-vpi';

/**
 * Takes what is in `ready` in its turn, for ever: threads, which go on on any VP, and VPs that are held with the thread that
 * blocked on them. `run` runs a thread until it waits, waits for it, and puts it back. `look` sees every upcall first.
 */
export function* takeTurns<T extends object>(ready: (T | VpHandle)[], run: (thread: T) => OpGenerator, look?: (upcall: Upcall) => void): OpGenerator {
  /** BLOCKED needs nothing: that this VP runs is all it says. */
  function handle(upcall: Upcall | undefined): void {
    if (!upcall) return;
    look?.(upcall);
    if (upcall.type === Notification.UNBLOCKED) ready.push(upcall.vp);
    else if (upcall.type === DETACHED) ready.push(upcall.data as T);
  }

  for (;;) {
    if (queuedCount() > 0) handle(yield* kernelRegister({ timeout: 0 }));
    const next = ready.shift();
    if (next === undefined) handle(yield* kernelRegister());
    else if (typeof next === 'number') handle(yield* kernelResumeAndRegister(next));
    else {
      setData(next);
      yield* run(next);
    }
  }
}
