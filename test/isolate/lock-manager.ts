/** Counts on each processor; the last one to be ready finishes. */

import { finish, getData, kernelRegister, Lock, type OpGenerator } from 'node-vpi';

export interface Shared {
  lock: Int32Array<SharedArrayBuffer>;
  /** [0] is counted under the lock, without an atomic operation; [1] processors that are ready */
  counter: Int32Array;
  rounds: number;
}

export function* manager(): OpGenerator {
  const shared = getData<Shared>();
  if (shared) {
    const lock = new Lock(shared.lock);
    for (let i = 0; i < shared.rounds; i++) {
      lock.acquire();
      shared.counter[0] = shared.counter[0]! + 1;
      lock.release();
    }
    if (Atomics.add(shared.counter, 1, 1) === 1) yield* finish();
  }
  for (;;) yield* kernelRegister();
}
