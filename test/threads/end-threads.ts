/** The threads of end-case.ts. */

import { writeSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { kernelStatus } from 'node-vpi';
import { pipe, read } from 'node-vpi/sys';
import { entry, host, Mutex, Semaphore, sleep, Thread, type OpGenerator } from 'node-vpi/threads';

const blockedOnEach = 3;

/** The first thread. The others are detached: `run()` does not wait for them. */
export function* main(name: string): OpGenerator<number> {
  waitInEveryWay();
  Thread.create(entry<typeof elsewhere>(import.meta.url, 'elsewhere', { processor: 1 }), name).detach();
  if (name === 'exit-in-catch') Thread.create(exitInCatch).detach();
  while (kernelStatus().count.BLOCKED < 2 * blockedOnEach) yield* sleep(1);
  if (name === 'return' || name === 'exit-in-catch') return 7;
  if (name === 'throw') throw new RangeError('from main');
  if (name === 'exit') process.exit(4);
  if (name === 'exit-of-host') yield* host(entry<typeof exitOfHost>(import.meta.url, 'exitOfHost'));
  if (name === 'wait') writeSync(1, 'ready\n');
  if (name.startsWith('terminate')) parentPort!.postMessage('ready');
  // No call: it must be stopped from outside.
  while (name === 'terminate-busy');
  yield* new Semaphore(0).acquire();
  throw new Error('a semaphore without permits was acquired');
}

export function* elsewhere(name: string): OpGenerator {
  waitInEveryWay();
  if (name !== 'exit-elsewhere') return;
  while (kernelStatus().count.BLOCKED < 2 * blockedOnEach) yield* sleep(1);
  process.exit(5);
}

/** Threads of this processor: in the kernel, for a time, for a mutex, for each other. */
function waitInEveryWay(): void {
  const mutex = new Mutex();
  const sleeper = Thread.create(sleeps);
  const threads = [sleeper, Thread.create(joins, sleeper), Thread.create(reads, mutex), Thread.create(reads, mutex)];
  for (let i = 1; i < blockedOnEach; i++) threads.push(Thread.create(reads, new Mutex()));
  for (const thread of threads) thread.detach();
}

function* sleeps(): OpGenerator {
  yield* sleep(1e9);
}

function* joins(thread: Thread<void>): OpGenerator {
  yield* thread.join();
}

/** The first to have the mutex blocks with it. */
function* reads(mutex: Mutex): OpGenerator {
  yield* mutex.withLock(function* () {
    const [from] = yield* pipe();
    yield* read(from, new Uint8Array(1));
  });
}

/** Cancelled, because the threads that `run()` waits for have ended, it ends the process. */
function* exitInCatch(): OpGenerator {
  try {
    yield* sleep(1e9);
  } finally {
    process.exit(8);
  }
}

/** In the isolate that called `start()`. */
export function exitOfHost(): never {
  process.exit(7);
}
