/** A Worker of figures 8 and 9: a kernel thread without VPI. */

import { parentPort, workerData } from 'node:worker_threads';
import { computeAndBlockHere, unblock, type Pair } from './pair.ts';

export type Part = 'computes' | 'unblocks';

export interface PairSetup {
  pair: Pair;
  part: Part;
  /** `gate[0]`: how many have come; `gate[1]`: those who compute may begin. */
  gate: Int32Array;
}

const { pair, part, gate } = workerData as PairSetup;

if (part === 'unblocks') unblock(pair);
else {
  computeAndBlockHere({ ...pair, blocks: 0 });
  Atomics.add(gate, 0, 1);
  Atomics.notify(gate, 0);
  Atomics.wait(gate, 1, 0);
  computeAndBlockHere(pair);
}
parentPort!.postMessage('done');
