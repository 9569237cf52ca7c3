/** What strict.ts traces. */

import { pipe, read, write } from 'node-vpi/sys';
import { Thread, yieldNow, type OpGenerator } from 'node-vpi/threads';

/** Two threads that wait for each other in the kernel, and a third that computes meanwhile. */
export function* exchange(rounds: number): OpGenerator {
  const [there, back] = [yield* pipe(), yield* pipe()];
  const answering = Thread.create(answers, there[0], back[1], rounds);
  const computing = Thread.create(computes, rounds);
  const byte = new Uint8Array(1);
  for (let i = 0; i < rounds; i++) {
    yield* write(there[1], byte);
    yield* read(back[0], byte);
  }
  yield* answering.join();
  yield* computing.join();
}

function* answers(from: number, to: number, rounds: number): OpGenerator {
  const byte = new Uint8Array(1);
  for (let i = 0; i < rounds; i++) {
    yield* read(from, byte);
    yield* write(to, byte);
  }
}

function* computes(rounds: number): OpGenerator {
  for (let i = 0, x = 1; i < 10 * rounds; i++) {
    for (let j = 0; j < 10_000; j++) x = Math.imul(x, 48271) >>> 0;
    yield* yieldNow();
  }
}
