/** What of a pair of figures 8 and 9 is threads of VPIthreads. */

import { eventfd, read, write } from '../../lib/sys/index.ts';
import { run, Semaphore, type Handle, type OpGenerator } from '../../lib/threads/index.ts';
import { compute, heat, inWarmUp, one, warmUpCalls, type Pair } from './pair.ts';

export function makePairs(count: number, given: Omit<Pair, 'request' | 'answer'>): Pair[] {
  return run(function* () {
    const pairs: Pair[] = [];
    while (pairs.length < count) pairs.push({ ...given, request: yield* eventfd(), answer: yield* eventfd() });
    return pairs;
  });
}

/** Releases `come` when it has warmed up, and acquires `go` then. */
export function* computeAndBlock(pair: Pair, come: Handle<'Semaphore'>, go: Handle<'Semaphore'>): OpGenerator<number> {
  heat();
  for (let call = 0; call < warmUpCalls; call++) yield* blockOnVps(inWarmUp(pair));
  Semaphore.from(come).release();
  yield* Semaphore.from(go).acquire();
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
