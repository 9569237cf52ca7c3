/** The same in a plain Worker. */

import { parentPort, workerData } from 'node:worker_threads';
import { computeFor } from './compute.ts';

const [begun, count, rounds] = workerData as [Int32Array, number, number];
Atomics.add(begun, 0, 1);
while (Atomics.load(begun, 0) < count);
parentPort!.postMessage(computeFor(rounds));
