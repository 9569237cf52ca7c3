/** The thread system of these benchmarks: a queue, one processor, and `pass`, by which a thread lets others run. */

import {
  DETACHED,
  finish,
  init,
  kernelRegister,
  kernelResumeAndRegister,
  Notification,
  Op,
  queuedCount,
  setData,
  type OpGenerator,
  type Upcall,
  type VpHandle,
} from '../../lib/vpi/index.ts';

/** A thread goes to the end of the queue. */
class Pass extends Op<void> {
  readonly name = 'pass()';
}

export function pass(): Op<void> {
  return new Pass();
}

/** Runs the first thread to its end, and the others for as long as that takes. */
export function runThreads(first: OpGenerator, ...others: OpGenerator[]): void {
  const ready: (OpGenerator | VpHandle)[] = [first, ...others];

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
    if (step.done) {
      if (thread === first) yield* finish();
      return;
    }
    if (step.value instanceof Pass) step.value.resolve();
    else yield step.value;
    ready.push(thread);
  }

  function handle(upcall: Upcall | undefined): void {
    if (upcall?.type === Notification.UNBLOCKED) ready.push(upcall.vp);
    else if (upcall?.type === DETACHED) ready.push(upcall.data as OpGenerator);
  }

  init({ manager });
}
