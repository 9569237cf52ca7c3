/** The other side of `workerHandOff()`: how long after the stamp it runs, the median of all. */

import { parentPort, workerData } from 'node:worker_threads';
import { native } from '../../lib/native.ts';
import { median } from './samples.ts';

const { shared, count } = workerData as { shared: SharedArrayBuffer; count: number };
const turn = new Int32Array(shared, 0, 2);
const stamp = new Float64Array(shared, 8, 1);
const samples: number[] = [];
for (let i = 0; i < count; i++) {
  Atomics.wait(turn, 0, 0);
  samples.push(native.now() - stamp[0]!);
  Atomics.store(turn, 0, 0);
  Atomics.notify(turn, 0);
}
parentPort!.postMessage(median(samples));
