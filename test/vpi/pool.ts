/** The pool grows when many threads block at once, and shrinks to its reserve when they are done; and again. */

import { entry, init, Notification } from 'node-vpi';
import t from '../program.ts';
import { closePipe, makePipe } from './pipes.ts';
import { Count, owned, type Crowd } from './pool-manager.ts';

const { BLOCKED, UNBLOCKED } = Notification;
const threads = 100;
const rounds = 2;

for (const { processors, mask } of [
  { processors: 1, mask: BLOCKED | UNBLOCKED },
  { processors: 1, mask: BLOCKED },
  { processors: 2, mask: BLOCKED | UNBLOCKED },
  { processors: 2, mask: BLOCKED },
]) {
  t.test(JSON.stringify({ processors, mask }), (t) => {
    const pipes = Array.from({ length: threads }, makePipe);
    const starts = Array.from({ length: processors }, makePipe);
    const [there, back] = [makePipe(), makePipe()];
    // As it began; and who may be in the middle of something: a VP for each processor, for each starter and for the two that go on.
    const most = processors + 1 + processors + processors + 2 + owned;
    const shared = new Int32Array(new SharedArrayBuffer(4 * (Count.rounds + 2 * rounds)));
    const data: Crowd = { pipes, rounds, starts, there, back, most, shared };
    const left = init({ manager: entry(import.meta.resolve('./pool-manager.js'), 'manager'), data, processors, mask });
    t.equal(left, owned, 'what the program has created stays');
    for (let round = 0; round < rounds; round++) {
      const [grown, shrunk] = shared.subarray(Count.rounds + 2 * round);
      t.ok(grown! > threads, `it grows: ${grown}`);
      t.ok(shrunk! <= most, `it shrinks to ${most} at most: ${shrunk}`);
    }
    for (const pipe of [...pipes, ...starts, there, back]) closePipe(pipe);
  });
}
