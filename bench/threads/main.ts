/**
 * What VPIthreads costs, against the generators that it is made of. Runs in the VM: `npm run bench:threads` boots it with
 * both clocks.
 *
 *   1. create and join, against making a generator and running it
 *   2. lock and unlock; a signal back and forth between two threads
 *   3. a thread blocks in the kernel, and another lets it go on: with and without UNBLOCKED in the mask
 *   4. two threads that compute on two processors, against two Workers (wall clock)
 */

import { Worker } from 'node:worker_threads';
import { Condition, entry, Mutex, run, Thread, type OpGenerator } from 'node-vpi/threads';
import { close, pipe, read, write } from 'node-vpi/sys';
import { cpuCount, Notification, now } from 'node-vpi';
import { median, print, sample } from '../node/samples.ts';
import type { compute } from './compute.ts';

/** Nanoseconds of each of `count` rounds of `body`. */
function timed(count: number, body: () => void): number {
  const start = now();
  body();
  return ((now() - start) * 1e6) / count;
}

function* bare(): Generator<undefined> {
  for (;;) yield;
}

function* one(x: number): OpGenerator<number> {
  return x;
}

function bareNext(count: number): () => number {
  return () => {
    const generator = bare();
    return timed(count, () => {
      for (let i = 0; i < count; i++) generator.next();
    });
  };
}

/* ---- 1, 2 ------------------------------------------------------------------------------------- */

async function measureCreation(count: number): Promise<void> {
  print(
    '1. create and join',
    await sample([
      {
        name: 'make a bare generator and run it',
        run: () =>
          timed(count, () => {
            for (let i = 0; i < count; i++) one(i).next();
          }),
      },
      {
        name: 'Thread.create() and join()',
        run: () =>
          run(function* () {
            const start = now();
            for (let i = 0; i < count; i++) yield* Thread.create(one, i).join();
            return ((now() - start) * 1e6) / count;
          }),
      },
    ]),
  );
}

function* lockAndUnlock(count: number): OpGenerator<number> {
  const mutex = new Mutex();
  const start = now();
  for (let i = 0; i < count; i++) {
    yield* mutex.lock();
    mutex.unlock();
  }
  return ((now() - start) * 1e6) / count;
}

function* backAndForth(count: number): OpGenerator<number> {
  const [mutex, condition] = [new Mutex(), new Condition()];
  let turn = 0;
  function* player(me: number): OpGenerator {
    yield* mutex.lock();
    for (let i = 0; i < count / 2; i++) {
      while (turn !== me) yield* condition.wait(mutex);
      turn = 1 - me;
      condition.signal();
    }
    mutex.unlock();
  }
  const start = now();
  for (const thread of [Thread.create(player, 0), Thread.create(player, 1)]) yield* thread.join();
  return ((now() - start) * 1e6) / count;
}

async function measureSynchronization(count: number): Promise<void> {
  print(
    '2. synchronization',
    await sample([
      { name: 'next() of a bare generator', run: bareNext(count) },
      { name: 'lock() and unlock(), nobody waits', run: () => run(() => lockAndUnlock(count)) },
      { name: 'signal() and wait(), to the other thread', run: () => run(() => backAndForth(count)) },
    ]),
  );
}

/* ---- 3 ----------------------------------------------------------------------------------------------- */

/** Two threads that wait for each other in read(): nanoseconds of one such wait. */
function* blockInTurn(count: number): OpGenerator<number> {
  const [there, back] = [yield* pipe(), yield* pipe()];
  function* player(from: number, to: number): OpGenerator {
    const byte = new Uint8Array(1);
    for (let i = 0; i < count / 2; i++) {
      yield* read(from, byte);
      yield* write(to, byte);
    }
  }
  const start = now();
  const threads = [Thread.create(player, there[0], back[1]), Thread.create(player, back[0], there[1])];
  yield* write(there[1], new Uint8Array(1));
  for (const thread of threads) yield* thread.join();
  const time = now() - start;
  for (const fd of [...there, ...back]) yield* close(fd);
  return (time * 1e6) / count;
}

/** After as many waits as V8 takes to compile all that has to do with them. */
function* blockInTurnWarm(count: number): OpGenerator<number> {
  for (let i = 0; i < 40; i++) yield* blockInTurn(500);
  return yield* blockInTurn(count);
}

async function measureModes(count: number): Promise<void> {
  const { BLOCKED, UNBLOCKED } = Notification;
  print(
    '3. block in read(), and go on',
    await sample([
      { name: 'UNBLOCKED wanted (the default): held until its turn', run: () => run(() => blockInTurnWarm(count), { mask: BLOCKED | UNBLOCKED }) },
      { name: 'UNBLOCKED not wanted: it comes back by itself', run: () => run(() => blockInTurnWarm(count), { mask: BLOCKED }) },
    ]),
  );
}

/* ---- 4 ------------------------------------------------------------------------------------------------ */

const module = import.meta.resolve('./compute.js');

/** Milliseconds until as many threads as `processors` have computed; they begin together. */
function computeThreads(processors: number, rounds: number): number {
  return run(
    function* () {
      const shared = new Int32Array(new SharedArrayBuffer(4));
      const threads = Array.from({ length: processors }, (_, processor) => Thread.create(entry<typeof compute>(module, 'compute', { processor }), shared, processors, rounds));
      const times: number[] = [];
      for (const thread of threads) times.push(yield* thread.join());
      return Math.max(...times);
    },
    { processors },
  );
}

async function computeWorkers(count: number, rounds: number): Promise<number> {
  const shared = new Int32Array(new SharedArrayBuffer(4));
  const times = Array.from({ length: count }, () => {
    const worker = new Worker(new URL('./compute-worker.js', import.meta.url), { workerData: [shared, count, rounds] });
    return new Promise<number>((resolve, reject) => worker.once('message', resolve).once('error', reject));
  });
  return Math.max(...(await Promise.all(times)));
}

async function measureParallelism(rounds: number): Promise<void> {
  const gains: Record<'threads' | 'workers', number[]> = { threads: [], workers: [] };
  for (let i = 0; i < 5; i++) {
    gains.workers.push((2 * (await computeWorkers(1, rounds))) / (await computeWorkers(2, rounds)));
    gains.threads.push((2 * computeThreads(1, rounds)) / computeThreads(2, rounds));
  }
  const [workers, threads] = [median(gains.workers), median(gains.threads)];
  process.stdout.write(`\n4. computing twice as much on two: Workers ${workers.toFixed(2)} times as fast, threads on two processors ${threads.toFixed(2)}: ${(threads / workers).toFixed(2)} of that\n`);
}

const count = Number(process.argv[2] ?? 200_000);
await measureCreation(count);
await measureSynchronization(count);
await measureModes(1000);
if (cpuCount() > 1) await measureParallelism(2e7);
