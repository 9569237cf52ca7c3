/**
 * What `node-vpi` costs a Node program. Runs in the VM: `npm run bench:node` boots it with both clocks.
 *
 *   1. an op that need not wait, against the same system call by a plain addon function
 *   2. a thread blocks: until another runs; against Workers that wake each other
 *   3. reading a file that is in memory, and one that is not; against fs.promises
 *   4. what a computing thread keeps of its speed while 500 others are blocked
 */

import { closeSync, openSync, readSync, writeFileSync } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { native } from '../../lib/native.ts';
import { close, open, pipe, read, write } from 'node-vpi/sys';
import type { OpGenerator } from 'node-vpi';
import { median, print, sample } from './samples.ts';
import { pass, runThreads } from './threads.ts';


const byte = new Uint8Array(1);
const now = () => native.now();

/** Nanoseconds of one of `count` calls. */
function timed(count: number, call: () => void): number {
  const start = now();
  for (let i = 0; i < count; i++) call();
  return (now() - start) / count;
}

async function nonBlocking(): Promise<void> {
  const count = 20_000;
  const fd = openSync('/dev/zero', 'r');
  const address = native.pin(byte);
  const onVp = (body: () => OpGenerator<number>) => () => {
    let result = 0;
    runThreads(
      (function* () {
        result = yield* body();
      })(),
    );
    return result;
  };
  const plain = () => native.syscall(0, fd, address, 1);
  print(
    '1. read() of one byte of /dev/zero',
    await sample([
      { name: 'plain addon function, outside VPI', run: () => timed(count, plain) },
      {
        name: 'plain addon function, on a VP',
        run: onVp(function* () {
          return timed(count, plain);
        }),
      },
      {
        name: 'yield* read(), on a VP',
        run: onVp(function* () {
          const start = now();
          for (let i = 0; i < count; i++) yield* read(fd, byte);
          return (now() - start) / count;
        }),
      },
      { name: 'fs.readSync(), outside VPI', run: () => timed(count, () => readSync(fd, byte)) },
    ]),
  );
  closeSync(fd);
}

/** From the moment before a thread blocks to the moment when another one, which was ready, runs. */
function blockToOther(count: number): number {
  const samples: number[] = [];
  let before = 0;
  let isOver = false;
  let to = 0;
  function* blocks(): OpGenerator {
    const [from, writer] = yield* pipe();
    to = writer;
    for (let i = 0; i < count; i++) {
      before = now();
      yield* read(from, byte);
    }
    isOver = true;
    yield* close(from);
    yield* close(to);
  }
  function* other(): OpGenerator {
    while (!isOver) {
      if (before > 0) {
        samples.push(now() - before);
        before = 0;
        yield* write(to, byte);
      }
      yield* pass();
    }
  }
  runThreads(blocks(), other());
  return median(samples);
}

/** From the moment before one Worker wakes another and waits, to the moment when that one runs. */
async function workerHandOff(count: number): Promise<number> {
  const shared = new SharedArrayBuffer(32);
  const turn = new Int32Array(shared, 0, 2);
  const stamp = new Float64Array(shared, 8, 1);
  const worker = new Worker(new URL('./other-worker.js', import.meta.url), { workerData: { shared, count } });
  await new Promise((resolve) => worker.once('online', resolve));
  const result = new Promise<number>((resolve) => worker.once('message', resolve));
  for (let i = 0; i < count; i++) {
    stamp[0] = now();
    Atomics.store(turn, 0, 1);
    Atomics.notify(turn, 0);
    Atomics.wait(turn, 0, 1);
  }
  return result;
}

async function blocking(): Promise<void> {
  const count = 300;
  print(
    '2. block: until another thread runs',
    await sample([
      { name: 'Atomics.notify() and wait(): until another Worker runs', run: () => workerHandOff(count) },
      { name: 'yield* read() of an empty pipe: until another thread runs', run: () => blockToOther(count) },
    ]),
  );
}

const filePath = '/tmp/file';
const coldPath = `${import.meta.dirname}/main.js`;

function dropCaches(): void {
  writeFileSync('/proc/sys/vm/drop_caches', '1');
}

async function files(): Promise<void> {
  const buffer = new Uint8Array(4096);
  writeFileSync(filePath, buffer);
  const reading = (path: string, count: number, before: () => void) => [
    {
      name: 'fs.promises',
      run: async () => {
        const samples: number[] = [];
        for (let i = 0; i < count; i++) {
          const file = await openFile(path);
          before();
          const start = now();
          await file.read(buffer, 0, buffer.length, 0);
          samples.push(now() - start);
          await file.close();
        }
        return median(samples);
      },
    },
    {
      name: 'yield* read(), on a VP',
      run: () => {
        const samples: number[] = [];
        runThreads(
          (function* () {
            for (let i = 0; i < count; i++) {
              const fd = yield* open(path);
              before();
              const start = now();
              yield* read(fd, buffer, 0, buffer.length, 0);
              samples.push(now() - start);
              yield* close(fd);
            }
          })(),
        );
        return median(samples);
      },
    },
  ];
  print('3. read 4 KiB of a file that is in memory', await sample(reading(filePath, 200, () => {})));
  print('   read 4 KiB of a file that is not (9p)', await sample(reading(coldPath, 20, dropCaches)));
}

function work(): number {
  let sum = 0;
  for (let i = 0; i < 200_000; i++) sum = (sum * 31 + i) | 0;
  return sum;
}

/** Pieces of work in half a second, with so many other threads blocked. */
function speed(blocked: number): number {
  let done = 0;
  const pipes: [number, number][] = [];
  function* blocks(from: number): OpGenerator {
    yield* read(from, new Uint8Array(1));
  }
  function* begin(): OpGenerator {
    for (let i = 0; i < blocked; i++) pipes.push(yield* pipe());
  }
  function* computes(): OpGenerator {
    // They were queued before this thread: all of them are blocked when its turn comes again.
    yield* pass();
    work();
    for (const start = now(); now() - start < 5e8; done++) {
      work();
      yield* pass();
    }
  }
  runThreads(begin());
  runThreads(computes(), ...pipes.map(([from]) => blocks(from)));
  for (const [from, to] of pipes) [from, to].forEach((fd) => closeSync(fd));
  return 5e8 / done;
}

async function undisturbed(): Promise<void> {
  print(
    '4. a piece of work, while others are blocked in read()',
    await sample([
      { name: 'alone', run: () => speed(0) },
      { name: '500 threads blocked', run: () => speed(500) },
    ]),
  );
}

await new Promise<void>((resolve) => setImmediate(resolve));
await nonBlocking();
await blocking();
await files();
await undisturbed();
