/** The manager of end-case.ts: half of the threads block on each processor, and then it ends as its name says. */

import { writeSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { finish, getData, kernelRegister, processorIndex, setData, type OpGenerator } from '../../lib/vpi/index.ts';
import { read } from '../../lib/sys/index.ts';

interface Case {
  name: string;
  fds: number[];
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
      yield* end(given.name);
      yield* kernelRegister();
    }
  }
}

function* blocked(fd: number): OpGenerator {
  yield* read(fd, new Uint8Array(1));
  throw new Error('a read of an empty pipe returned');
}

function* end(name: string): OpGenerator {
  const elsewhere = processorIndex() === 1;
  if (name === 'output-elsewhere' && elsewhere) {
    console.log('1: to stdout');
    console.error('to stderr');
    process.stdout.write('2: to stdout\n');
    yield* finish(0);
  }
  if (name === 'error-elsewhere' && elsewhere) throw new Error('from processor 1');
  if (name === 'exit-elsewhere' && elsewhere) process.exit(5);
  if (elsewhere) return;
  if (name === 'finish') yield* finish(3);
  if (name === 'error') throw new Error('from a thread');
  if (name === 'exit') process.exit(4);
  if (!saidReady) sayReady(name);
  // No call: it must be stopped from outside.
  while (name === 'terminate-busy');
}

/** Once: every VP comes by here, again and again, and each word of it would kill or terminate once more. */
function sayReady(name: string): void {
  saidReady = true;
  if (name === 'wait') writeSync(1, 'ready\n');
  if (name.startsWith('terminate')) parentPort!.postMessage('ready');
}
