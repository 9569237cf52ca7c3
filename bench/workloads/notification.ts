/**
 * `FIGURE ROUNDS BLOCKS MASK`: figures 8 and 9, what notifications cost. Each of 1 or 16 threads computes for ROUNDS rounds
 * and blocks in read(), BLOCKS times all together; a kernel thread of its own, which is no VP, unblocks it each time.
 *
 * MASK: `blocked`, or `both` (BLOCKED and UNBLOCKED): threads of VPIthreads. `kernel`: each is a Worker instead, a kernel
 * thread without VPI, that computes by the same function.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { packageRoot } from '../../docker/tree.ts';
import { entry, run, Semaphore, stats, Thread } from 'node-vpi/threads';
import { cpuCount, Notification, now } from 'node-vpi';
import { check, report, wholeNumber } from './arguments.ts';
import { blocksToWarmUp, blocksToWarmUpWorker, computeTime, mostWarmUp, warmUpCalls } from './pair.ts';
import { makePairs, type computeAndBlock } from './pair-vps.ts';
import type { PairSetup } from './pair-worker.ts';
import { steady } from './steady.ts';

const masks: Record<string, number> = { blocked: Notification.BLOCKED, both: Notification.BLOCKED | Notification.UNBLOCKED };

const [figure, rounds, blocks, mask = ''] = process.argv.slice(2);
const number = figure === '9' ? 16 : 1;
if (!['8', '9'].includes(figure ?? '') || !['kernel', ...Object.keys(masks)].includes(mask)) throw new RangeError('usage: 8|9 ROUNDS BLOCKS kernel|blocked|both');

const processors = Math.min(cpuCount(), number);
const given = {
  rounds: wholeNumber('ROUNDS', rounds),
  blocks: Math.ceil(wholeNumber('BLOCKS', blocks) / number),
  warmUp: Math.ceil(Math.min(mask === 'kernel' ? blocksToWarmUpWorker : (blocksToWarmUp * processors) / number, mostWarmUp * Number(blocks)) / warmUpCalls),
};
const made = makePairs(number, given);
const pairs = made.map(({ pair }) => pair);
const gate = new Int32Array(new SharedArrayBuffer(8));
const partners = startPartners();
const time = mask === 'kernel' ? await onKernelThreads() : onVps(masks[mask]!);
await partners;
const row = mask === 'kernel' ? 'kernel-js' : `vpithreads-${mask}`;
report(row, { figure: Number(figure), count: number * given.blocks }, time, { rounds: Number(rounds), compute: Math.round(computeTime(Number(rounds)) * 1e6) });

/** Kernel threads of a program in C, for both sides the same; they have ended when that resolves. */
async function startPartners(): Promise<void> {
  const program = join(packageRoot, 'build/native/peers/unblock');
  const { blocks, warmUp } = given;
  const child = spawn(program, [String(number), String(warmUpCalls * warmUp + blocks)], { stdio: ['ignore', 'inherit', 'inherit', ...made.flatMap(({ ends }) => ends)] });
  const [status] = (await once(child, 'exit')) as [number | null];
  check(status === 0, 'who unblocks has failed');
}

async function onKernelThreads(): Promise<number> {
  const ended = pairs.map((pair) => {
    const worker = new Worker(new URL('./pair-worker.js', import.meta.url), { workerData: { pair, gate } satisfies PairSetup });
    return new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  });
  for (let come; (come = Atomics.load(gate, 0)) < number; ) await Atomics.waitAsync(gate, 0, come).value;
  const start = now();
  Atomics.store(gate, 1, 1);
  Atomics.notify(gate, 1);
  await Promise.all(ended);
  return now() - start;
}

function onVps(mask: number): number {
  const module = import.meta.resolve('./pair-vps.js');
  return run(
    function* () {
      const [come, go] = [new Semaphore(0), new Semaphore(0)];
      const handles = [come.shared(), go.shared()] as const;
      const threads = pairs.map((pair, index) => Thread.create(entry<typeof computeAndBlock>(module, 'computeAndBlock', { processor: index % processors }), pair, ...handles));
      for (let ready = 0; ready < number; ready++) yield* come.acquire();
      const { blocked } = stats().upcalls;
      steady();
      const start = now();
      go.release(number);
      for (const thread of threads) yield* thread.join();
      const time = now() - start;
      // A partner on another CPU may be faster.
      check(cpuCount() > 1 || stats().upcalls.blocked - blocked >= 0.75 * number * given.blocks, 'a read() has found its answer');
      return time;
    },
    { processors, mask },
  );
}
