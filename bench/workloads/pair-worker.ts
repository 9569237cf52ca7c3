/** A Worker of figures 8 and 9 that computes and blocks: a kernel thread without VPI. */

import { parentPort, workerData } from 'node:worker_threads';
import { computeAndBlockHere, type Pair } from './pair.ts';

export interface PairSetup {
  pair: Pair;
  /** `gate[0]`: how many have come; `gate[1]`: they may begin. */
  gate: Int32Array;
}

const { pair, gate } = workerData as PairSetup;

computeAndBlockHere(pair, () => {
  Atomics.add(gate, 0, 1);
  Atomics.notify(gate, 0);
  Atomics.wait(gate, 1, 0);
});
parentPort!.postMessage('done');
