/** The manager of end-case.ts: half of the threads block on each processor, and then it ends as its name says. */

import { writeSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { finish, getData, kernelRegister, processorIndex, setData, type OpGenerator } from 'node-vpi';
import { read } from 'node-vpi/sys';

interface Case {
  name: string;
  fds: number[];
  /** Processors that have come to where they are to meet. */
  arrived: Int32Array;
}

let given: Case | undefined;
let saidReady = false;
const ready: OpGenerator[] = [];

export function* manager(): OpGenerator {
  if (!given) {
    given = getData<Case>()!;
    for (const fd of given.fds.filter((_, i) => i % 2 === processorIndex())) ready.push(blocked(fd));
  }
  for (;;) {
    const thread = ready.shift();
    if (thread) {
      setData(thread);
      const step = thread.next();
      if (!step.done) yield step.value;
    } else {
      yield* end(given);
      yield* kernelRegister();
    }
  }
}

function* blocked(fd: number): OpGenerator {
  yield* read(fd, new Uint8Array(1));
  throw new Error('a read of an empty pipe returned');
}

function* end({ name, arrived }: Case): OpGenerator {
  const elsewhere = processorIndex() === 1;
  if (name === 'output-elsewhere' && elsewhere) {
    console.log('1: to stdout');
    console.error('to stderr');
    process.stdout.write('2: to stdout\n');
    yield* finish(0);
  }
  if (name === 'error-elsewhere' && elsewhere) throw new Error('from processor 1');
  if (name === 'exit-elsewhere' && elsewhere) process.exit(5);
  if (name === 'exit-elsewhere-at-the-end' && elsewhere) exitForEver(arrived);
  if (name === 'exit-elsewhere-and-finish' && elsewhere) exitWhenBothAreHere(arrived);
  if (elsewhere) return;
  if (name === 'finish') yield* finish(3);
  if (name === 'exit-elsewhere-at-the-end' || name === 'exit-elsewhere-and-finish') {
    while (Atomics.load(arrived, 0) === 0) yield* kernelRegister({ timeout: 20 });
    Atomics.add(arrived, 0, 1);
    yield* finish(3);
  }
  if (name === 'error') throw new Error('from a thread');
  if (name === 'exit') process.exit(4);
  if (!saidReady) sayReady(name);
  // No call: it must be stopped from outside.
  while (name === 'terminate-busy');
}

/** It never comes out of its exit handler. The other processor ends the instance meanwhile, and waits for this one. */
function exitForEver(arrived: Int32Array): never {
  process.on('exit', () => {
    Atomics.add(arrived, 0, 1);
    for (;;);
  });
  process.exit(5);
}

function exitWhenBothAreHere(arrived: Int32Array): never {
  Atomics.add(arrived, 0, 1);
  while (Atomics.load(arrived, 0) < 2);
  process.exit(5);
}

/** Once: every VP comes by here, again and again, and each word of it would kill or terminate once more. */
function sayReady(name: string): void {
  saidReady = true;
  if (name === 'wait') writeSync(1, 'ready\n');
  if (name.startsWith('terminate')) parentPort!.postMessage('ready');
}
