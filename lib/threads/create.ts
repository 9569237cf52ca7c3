/** Creation of threads, and detaching them. */

import type { OpGenerator } from '../vpi/index.ts';
import { count, index, threadIsDone } from './instance.ts';
import { scheduler } from './scheduler.ts';
import { Thread, type ThreadFunction } from './thread.ts';

let serial = 0;

export function resetThreadIds(): void {
  serial = 0;
}

export function createThread<A extends unknown[], R>(fn: ThreadFunction<A, R>, args: A): Thread<R> {
  scheduler.runningThread();
  return addThread(generatorOf(fn, args));
}

/** Ids do not repeat, on whichever processor: 1, 2, 3 where there is one. */
export function addThread<R>(generator: OpGenerator<R>): Thread<R> {
  const thread = new Thread(serial++ * count + index + 1, generator);
  scheduler.add(thread);
  return thread;
}

export function processorOf(id: number): number {
  return (id - 1) % count;
}

export function generatorOf<A extends unknown[], R>(fn: ThreadFunction<A, R>, args: A): OpGenerator<R> {
  if (typeof fn !== 'function') throw new TypeError(`fn must be a generator function, not ${String(fn)}`);
  const generator = fn(...args);
  if (typeof (generator as Partial<OpGenerator<R>> | undefined)?.next !== 'function') throw new TypeError('fn must be a generator function: function* () { … }');
  return generator;
}

/** Nobody waits for it any more. */
export function detachThread(thread: Thread): void {
  if (thread.isDetached) return;
  thread.isDetached = true;
  if (thread.generator !== undefined) threadIsDone();
}
