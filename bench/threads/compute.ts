/** What computes on a processor, or in a Worker. */

import { performance } from 'node:perf_hooks';
import { yieldNow, type OpGenerator } from 'node-vpi/threads';

/** Milliseconds of `rounds` rounds, from when `count` of them have come to begin. */
export function* compute(begun: Int32Array, count: number, rounds: number): OpGenerator<number> {
  Atomics.add(begun, 0, 1);
  while (Atomics.load(begun, 0) < count) yield* yieldNow();
  return computeFor(rounds);
}

export function computeFor(rounds: number): number {
  const start = performance.now();
  let x = 1;
  for (let i = 0; i < rounds; i++) x = (Math.imul(x, 48271) + i) >>> 0;
  return performance.now() - start + (x === 0 ? 1e-9 : 0);
}
