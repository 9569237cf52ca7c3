/** What the threads of many.ts run. */

import { Barrier, current, entry, host, Semaphore, Thread, type Handle, type OpGenerator } from 'node-vpi/threads';

export function* place(): OpGenerator<{ processor: number; id: number }> {
  const { processor, id } = current();
  return { processor, id };
}

export function* waitAt(barrier: Handle<'Barrier'>): OpGenerator<boolean> {
  return yield* Barrier.from(barrier).wait();
}

export function* fail(message: string): OpGenerator<never> {
  throw new RangeError(message);
}

export function* returnFunction(): OpGenerator<() => void> {
  return () => {};
}

export function* forEver(): OpGenerator {
  yield* new Semaphore(0).acquire();
}

/** In the isolate that called start(). */
export async function double(n: number): Promise<number> {
  await new Promise((resolve) => setImmediate(resolve));
  return 2 * n;
}

export function throwThere(): never {
  throw new Error('of the host');
}

const ask = entry<typeof double>(import.meta.url, 'double');

export function* hosted(n: number): OpGenerator<number> {
  const other = Thread.create(entry<typeof hostedElsewhere>(import.meta.url, 'hostedElsewhere', { processor: 1 }), 1);
  return (yield* host(ask, n)) + (yield* other.join());
}

export function* hostedElsewhere(n: number): OpGenerator<number> {
  return yield* host(ask, n);
}

export function* hostFails(): OpGenerator {
  yield* host(entry<typeof throwThere>(import.meta.url, 'throwThere'));
}
