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
  /** Blocks in each call of the warm-up. */
  warmUp: number;
  /** The end of a pipe into which the thread writes a byte, before it blocks in reading another one. */
  to: number;
  from: number;
}

/** Blocks that an isolate goes through before V8 has compiled all that VPIthreads have to do with them; with next to no computing. */
export const blocksToWarmUp = 20_000;
/** For a Worker, where there is less to compile; all of them do so, one beside the other. */
export const blocksToWarmUpWorker = 2500;
/** But no more than so many for each that is measured: who measures a few only wants to see whether it works. */
export const mostWarmUp = 200;
/** In so many calls (see `arguments.ts`). */
export const warmUpCalls = 200;

export const byte = new Uint8Array(1);

/** Of computing, each about 5 instructions. V8 does not inline a function that is so long: of another one's copy it makes other code. */
const unrolled = 50;
const step = 'x = (Math.imul(x ^ (x >>> 13), 48271) + i) | 0;';

/** All of it in 32-bit integers, which V8 keeps in registers. `rounds`: a multiple of 50, or less. */
export const compute = new Function('rounds', `let x = 1; for (let i = 0; i < rounds; i += ${unrolled}) { ${step.repeat(unrolled)} } return x;`) as (rounds: number) => number; // eslint-disable-line @typescript-eslint/no-implied-eval -- the text is above

let heated = 0;

/**
 * Until V8 has made of it what it will make of it: each isolate compiles for itself. In many short calls, since beside a long
 * one it compiles in another thread.
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

export function inWarmUp(pair: Pair): Pair {
  return { ...pair, rounds: 1, blocks: pair.warmUp };
}

/** On a kernel thread; `begin` waits until all have come. */
export function computeAndBlockHere(pair: Pair, begin: () => void): number {
  heat();
  for (let call = 0; call < warmUpCalls; call++) blockHere(inWarmUp(pair));
  begin();
  return blockHere(pair);
}

function blockHere({ rounds, blocks, from, to }: Pair): number {
  let sum = 0;
  for (let i = 0; i < blocks; i++) {
    sum = (sum + compute(rounds)) | 0;
    writeSync(to, byte);
    readSync(from, byte);
  }
  return sum;
}
