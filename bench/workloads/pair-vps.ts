/** What of a pair of figures 8 and 9 is threads of VPIthreads. */

import { pipe, read, write } from 'node-vpi/sys';
import { run, Semaphore, type Handle, type OpGenerator } from 'node-vpi/threads';
import { byte, compute, heat, inWarmUp, warmUpCalls, type Pair } from './pair.ts';

/** Each with the ends that are the partner's. */
export function makePairs(count: number, given: Omit<Pair, 'from' | 'to'>): { pair: Pair; ends: [from: number, to: number] }[] {
  return run(function* () {
    const pairs = [];
    while (pairs.length < count) {
      const [request, answer] = [yield* pipe(), yield* pipe()];
      pairs.push({ pair: { ...given, from: answer[0], to: request[1] }, ends: [request[0], answer[1]] as [number, number] });
    }
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

function* blockOnVps({ rounds, blocks, from, to }: Pair): OpGenerator<number> {
  let sum = 0;
  for (let i = 0; i < blocks; i++) {
    sum = (sum + compute(rounds)) | 0;
    yield* write(to, byte);
    yield* read(from, byte);
  }
  return sum;
}
