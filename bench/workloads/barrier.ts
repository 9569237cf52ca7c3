/** Figure 5: a barrier of 32 threads. An iteration is one time that all of them pass it. */

import { Barrier, entry, Thread, type Handle, type OpGenerator } from 'node-vpi/threads';
import { check } from './arguments.ts';

const threads = 32;

/** `come[0]`: arrivals in all. */
function* member(barrier: Barrier, come: Int32Array, count: number): OpGenerator<number> {
  let lasts = 0;
  for (let i = 1; i <= count; i++) {
    Atomics.add(come, 0, 1);
    if (yield* barrier.wait()) lasts++;
    check(Atomics.load(come, 0) >= i * threads, 'the barrier has let a thread through early');
  }
  return lasts;
}

export function memberElsewhere(barrier: Handle<'Barrier'>, come: Int32Array, count: number): OpGenerator<number> {
  return member(Barrier.from(barrier), come, count);
}

export function* barrier(count: number, processors: number): OpGenerator {
  const barrier = new Barrier(threads);
  const come = new Int32Array(new SharedArrayBuffer(4));
  const start = (index: number) => {
    if (processors === 1) return Thread.create(member, barrier, come, count);
    return Thread.create(entry<typeof memberElsewhere>(import.meta.url, 'memberElsewhere', { processor: index % processors }), barrier.shared(), come, count);
  };
  let lasts = 0;
  for (const thread of Array.from({ length: threads }, (_, index) => start(index))) lasts += yield* thread.join();
  check(lasts === count, 'the barrier has called another number of threads the last');
  if (processors > 1) barrier.free();
}
