/** A Worker of figures 8 and 9: a kernel thread without VPI. */

import { parentPort, workerData } from 'node:worker_threads';
import { computeAndBlockHere, unblock, type Pair } from './pair.ts';

export type Part = 'computes' | 'unblocks';

export interface PairSetup {
  pair: Pair;
  part: Part;
  /** `gate[0]`: how many who compute have come; `gate[1]`: they may begin; `gate[2]`: how many who unblock have come. */
  gate: Int32Array;
}

const { pair, part, gate } = workerData as PairSetup;

function come(index: number): void {
  Atomics.add(gate, index, 1);
  Atomics.notify(gate, index);
}

if (part === 'unblocks') {
  come(2);
  unblock(pair);
} else {
  computeAndBlockHere(pair, () => {
    come(0);
    Atomics.wait(gate, 1, 0);
  });
}
parentPort!.postMessage('done');
