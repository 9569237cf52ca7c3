/** Figure 3: main creates a thread that ends at once, and joins it. */

import { Thread, type OpGenerator } from 'node-vpi/threads';
import { check } from './arguments.ts';

function* ends(value: number): OpGenerator<number> {
  return value;
}

export function* createJoin(count: number): OpGenerator {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += yield* Thread.create(ends, i).join();
  check(sum === (count * (count - 1)) / 2, 'a thread has returned what another one should');
}
