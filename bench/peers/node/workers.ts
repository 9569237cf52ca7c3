/** `FIGURE COUNT`: the paper's workloads on `worker_threads`, with `Atomics.wait()` and `notify()`: each thread an isolate. */

import { Worker } from 'node:worker_threads';
import { check, readArguments, report, warmUpCalls, type Arguments } from '../../workloads/arguments.ts';
import type { PlayerOutcome, PlayerSetup } from './player.ts';

/** Starts a Worker for each setup; milliseconds from when the first has begun to measure until the last has ended. */
async function play(setups: readonly PlayerSetup[]): Promise<number> {
  const outcomes = await Promise.all(setups.map((setup) => outcomeOf(new Worker(new URL('./player.js', import.meta.url), { workerData: setup }))));
  const [starts, ends] = [outcomes.map(({ start }) => start), outcomes.map(({ end }) => end)];
  return Math.max(...ends) - Math.min(...starts);
}

function outcomeOf(worker: Worker): Promise<PlayerOutcome> {
  return new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
}

/* ---- 3 ---- */

async function createJoin({ count, warmUp }: Arguments): Promise<number> {
  const one = async () => {
    const worker = new Worker('', { eval: true });
    const status = await new Promise<number>((resolve, reject) => worker.once('exit', resolve).once('error', reject));
    check(status === 0, 'a Worker has failed');
  };
  // Once: what takes so long does not need it ten times.
  for (let i = 0; i < warmUp; i++) await one();
  const start = performance.now();
  for (let i = 0; i < count; i++) await one();
  return performance.now() - start;
}

/* ---- 4, 6, 7 ---- */

async function games(number: number, { count, warmUp }: Arguments): Promise<number> {
  const setups = Array.from({ length: number }, () => new Int32Array(new SharedArrayBuffer(8))).flatMap((words) =>
    [0, 1].map((me): PlayerSetup => ({ plays: 'turns', words, me, moves: share(count, number), warmUp: share(warmUp, number) })),
  );
  const time = await play(setups);
  for (const { words } of setups) check(words[1] === 2 * (share(count, number) + warmUpCalls * share(warmUp, number)), 'a move was lost, or made twice');
  return time;
}

/** Of `count` moves in `games` games, what each of the two players makes: the same, also to warm up, since they take turns. */
function share(count: number, games: number): number {
  return Math.ceil(count / games / 2);
}

/* ---- 5 ---- */

function barrier({ count, warmUp }: Arguments): Promise<number> {
  const words = new Int32Array(new SharedArrayBuffer(12));
  return play(Array.from({ length: 32 }, (_, me): PlayerSetup => ({ plays: 'barrier', words, me, moves: count, warmUp })));
}

const workloads: Record<number, (given: Arguments) => Promise<number>> = { 3: createJoin, 4: (given) => games(1, given), 5: barrier, 6: (given) => games(1, given), 7: (given) => games(4, given) };

const given = readArguments(process.argv.slice(2), Object.keys(workloads).map(Number));
report('workers', given, await workloads[given.figure]!(given));
