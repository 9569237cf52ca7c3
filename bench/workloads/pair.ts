/** A pair of figures 8 and 9: a thread that computes and blocks, and the kernel thread that unblocks it. */

import { readSync, writeSync } from 'node:fs';
import { eventfd, read, write } from '../../lib/sys/index.ts';
import { run, yieldNow, type OpGenerator } from '../../lib/threads/index.ts';

/** Can be structured-cloned. */
export interface Pair {
  /** Of computing, before each block. */
  rounds: number;
  blocks: number;
  /** An eventfd that the thread writes before it blocks in reading `answer`, which the other one writes. */
  request: number;
  answer: number;
}

/** Blocks before the measured ones, with next to no computing. */
const warmUp = 300;

export function makePairs(count: number, rounds: number, blocks: number): Pair[] {
  return run(function* () {
    const pairs: Pair[] = [];
    while (pairs.length < count) pairs.push({ rounds, blocks, request: yield* eventfd(), answer: yield* eventfd() });
    return pairs;
  });
}

const one = new Uint8Array(BigUint64Array.of(1n).buffer);
const got = new Uint8Array(8);

/** All of it in 32-bit integers, which V8 keeps in registers. */
function compute(rounds: number): number {
  let x = 1;
  for (let i = 0; i < rounds; i++) x = (Math.imul(x, 48271) + i) | 0;
  return x;
}

let heated = 0;

/** Until V8 has made of it what it will make of it: each isolate compiles for itself, once. */
function heat(): void {
  for (; heated < 30; heated++) compute(10_000);
}

/** Milliseconds of computing before one block, alone: the least of some tries. */
export function computeTime(rounds: number): number {
  heat();
  const tries = Array.from({ length: 20 }, () => {
    const start = performance.now();
    compute(rounds);
    return performance.now() - start;
  });
  return Math.min(...tries);
}

/** On VPIthreads. `gate[0]`: how many have come; `gate[1]`: they may begin. */
export function* computeAndBlock(pair: Pair, gate: Int32Array): OpGenerator<number> {
  heat();
  yield* blockOnVps({ ...pair, rounds: 1, blocks: warmUp });
  Atomics.add(gate, 0, 1);
  while (Atomics.load(gate, 1) === 0) yield* yieldNow();
  return yield* blockOnVps(pair);
}

function* blockOnVps({ rounds, blocks, request, answer }: Pair): OpGenerator<number> {
  const buffer = new Uint8Array(8);
  let sum = 0;
  for (let i = 0; i < blocks; i++) {
    sum += compute(rounds);
    yield* write(request, one);
    yield* read(answer, buffer);
  }
  return sum;
}

/** The same on a kernel thread, where `begin` waits until all have come. */
export function computeAndBlockHere(pair: Pair, begin: () => void): number {
  heat();
  blockHere({ ...pair, rounds: 1, blocks: warmUp });
  begin();
  return blockHere(pair);
}

function blockHere({ rounds, blocks, request, answer }: Pair): number {
  let sum = 0;
  for (let i = 0; i < blocks; i++) {
    sum += compute(rounds);
    writeSync(request, one);
    readSync(answer, got);
  }
  return sum;
}

export function unblock({ blocks, request, answer }: Pair): void {
  for (let i = 0; i < warmUp + blocks; i++) {
    readSync(request, got);
    writeSync(answer, one);
  }
}
