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

/**
 * Each plays with each other one in turn, where there are more than two: which of them share a CPU makes the half of it, and a
 * new Worker for each game takes too long.
 */
async function games(number: number, { count, warmUp }: Arguments): Promise<number> {
  const players = 2 * number;
  const tables = Array.from({ length: players }, () => Array.from({ length: players }, () => new Int32Array(new SharedArrayBuffer(8))));
  // All of what it plays is shared by `players - 1` others.
  const share = (moves: number) => Math.ceil(moves / players / (players - 1));
  const [moves, warmUpMoves] = [share(count), share(warmUp)];
  const others = Array.from({ length: players - 1 }, (_, set) => set + 1);
  const tablesOf = (player: number) => others.map((other) => player ^ other).map((other) => ({ words: tables[Math.min(player, other)]![Math.max(player, other)]!, me: Number(player > other) }));
  const time = await play(Array.from({ length: players }, (_, player) => ({ plays: 'turns', tables: tablesOf(player), moves, warmUp: warmUpMoves })));
  const made = tables.flat().reduce((sum, words) => sum + words[1]!, 0);
  check(made === players * (players - 1) * (moves + warmUpCalls * warmUpMoves), 'a move was lost, or made twice');
  return time;
}

/* ---- 5 ---- */

function barrier({ count, warmUp }: Arguments): Promise<number> {
  const words = new Int32Array(new SharedArrayBuffer(12));
  return play(Array.from({ length: 32 }, (_, me): PlayerSetup => ({ plays: 'barrier', tables: [{ words, me }], moves: count, warmUp })));
}

const workloads: Record<number, (given: Arguments) => Promise<number>> = { 3: createJoin, 4: (given) => games(1, given), 5: barrier, 6: (given) => games(1, given), 7: (given) => games(4, given) };

const given = readArguments(process.argv.slice(2), Object.keys(workloads).map(Number));
report('workers', given, await workloads[given.figure]!(given));
