/** What of a pair of figures 8 and 9 is threads of VPIthreads. */

import { eventfd, read, write } from '../../lib/sys/index.ts';
import { run, yieldNow, type OpGenerator } from '../../lib/threads/index.ts';
import { compute, heat, one, warmUp, type Pair } from './pair.ts';

export function makePairs(count: number, rounds: number, blocks: number): Pair[] {
  return run(function* () {
    const pairs: Pair[] = [];
    while (pairs.length < count) pairs.push({ rounds, blocks, request: yield* eventfd(), answer: yield* eventfd() });
    return pairs;
  });
}

/** `gate[0]`: how many have come; `gate[1]`: they may begin. */
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
