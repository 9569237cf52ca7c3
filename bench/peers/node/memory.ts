/** `14 COUNT async|workers`: figure 14, the memory of so many async functions, or Workers, that wait. */

import { Worker } from 'node:worker_threads';
import { check, readArguments, report } from '../../workloads/arguments.ts';
import { freeMemory } from '../../workloads/free-memory.ts';

const given = readArguments(process.argv.slice(2), [14]);

/** Starts one; resolves when it waits. */
type Start = () => Promise<unknown>;

let waiting = 0;
let goOn = () => {};
const over = new Promise<void>((resolve) => (goOn = resolve));
const ends: Promise<void>[] = [];

async function waits(): Promise<void> {
  waiting++;
  await over;
}

const asyncFunction: Start = async () => void ends.push(waits());

const gate = new Int32Array(new SharedArrayBuffer(4));
const waitsInWorker = `const { parentPort, workerData } = require('node:worker_threads');
parentPort.postMessage('here');
Atomics.wait(workerData, 0, 0);`;

const worker: Start = async () => {
  const worker = new Worker(waitsInWorker, { eval: true, workerData: gate });
  ends.push(new Promise((resolve, reject) => worker.once('exit', () => resolve()).once('error', reject)));
  await new Promise((resolve) => worker.once('message', resolve));
  waiting++;
};

async function measure(start: Start): Promise<[milliseconds: number, bytes: number]> {
  const before = freeMemory();
  const begun = performance.now();
  for (let i = 0; i < given.count; i++) await start();
  const time = performance.now() - begun;
  check(waiting === given.count, 'somebody has not come to wait');
  const bytes = before - freeMemory();
  goOn();
  Atomics.store(gate, 0, 1);
  Atomics.notify(gate, 0);
  await Promise.all(ends);
  return [time, bytes];
}

const row = process.argv[4];
if (row !== 'async' && row !== 'workers') throw new RangeError(`it must be async or workers, not ${row}`);
const [time, bytes] = await measure(row === 'async' ? asyncFunction : worker);
report(row, given, time, { bytes });
