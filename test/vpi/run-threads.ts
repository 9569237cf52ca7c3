/** The smallest thread system that tests need: a queue of generator threads, and a manager for one processor. */

import {
  DETACHED,
  finish,
  init,
  kernelRegister,
  kernelResumeAndRegister,
  Notification,
  queuedCount,
  setData,
  type InitOptions,
  type OpGenerator,
  type Upcall,
  type VpHandle,
} from '../../lib/vpi/index.ts';

export interface RunOptions extends Omit<InitOptions, 'manager'> {
  /** Called for every upcall. */
  seen?: (upcall: Upcall) => void;
}

/** Runs the threads until all have ended, then finishes with status 0. */
export function runThreads(threads: OpGenerator[], { seen, ...options }: RunOptions = {}): number {
  const ready: (OpGenerator | VpHandle)[] = [...threads];
  let live = threads.length;

  function* manager(): OpGenerator {
    for (;;) {
      if (queuedCount() > 0) handle(yield* kernelRegister({ timeout: 0 }));
      const next = ready.shift();
      if (next === undefined) handle(yield* kernelRegister());
      else if (typeof next === 'number') handle(yield* kernelResumeAndRegister(next));
      else yield* run(next);
    }
  }

  function* run(thread: OpGenerator): OpGenerator {
    setData(thread);
    const step = thread.next();
    if (!step.done) {
      yield step.value;
      ready.push(thread);
    } else if (--live === 0) yield* finish(0);
  }

  function handle(upcall: Upcall | undefined): void {
    if (!upcall) return;
    seen?.(upcall);
    if (upcall.type === Notification.UNBLOCKED) ready.push(upcall.vp);
    else if (upcall.type === DETACHED) ready.push(upcall.data as OpGenerator);
  }

  return init({ ...options, manager });
}
