/** The thread system of these benchmarks: a queue, one processor, and `pass`, by which a thread lets others run. */

import { finish, init, Op, type OpGenerator, type VpHandle } from 'node-vpi';
import { takeTurns } from '../../test/vpi/turns.ts';

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

  function* run(thread: OpGenerator): OpGenerator {
    const step = thread.next();
    if (step.done) {
      if (thread === first) yield* finish();
      return;
    }
    if (step.value instanceof Pass) step.value.resolve();
    else yield step.value;
    ready.push(thread);
  }

  init({ manager: () => takeTurns(ready, run) });
}
