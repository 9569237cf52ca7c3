/**
 * A pair of figures 8 and 9: a thread that computes and blocks, and the kernel thread that unblocks it. Here is what needs
 * no VP: a Worker, of which there are dozens, takes seconds to load what it does not use.
 */

import { readSync, writeSync } from 'node:fs';

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
export const warmUp = 300;

export const one = new Uint8Array(BigUint64Array.of(1n).buffer);
const got = new Uint8Array(8);

/** All of it in 32-bit integers, which V8 keeps in registers. */
export function compute(rounds: number): number {
  let x = 1;
  for (let i = 0; i < rounds; i++) x = (Math.imul(x, 48271) + i) | 0;
  return x;
}

let heated = 0;

/**
 * Until V8 has made of it what it will make of it: each isolate compiles for itself. In many short calls, since what it
 * makes of a loop that already runs is thrown away, and beside that it compiles in another thread.
 */
export function heat(): void {
  for (; heated < 5000; heated++) compute(1000);
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

/** On a kernel thread; `begin` waits until all have come. */
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
