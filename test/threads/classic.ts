/** The classic problems, on this kernel: by seeds, on one processor and on two, with UNBLOCKED wanted and not. */

import { DeadlockError, run } from 'node-vpi/threads';
import { Notification } from 'node-vpi';
import t from '../program.ts';
import { deadlock, problems } from './problems.ts';

const { BLOCKED, UNBLOCKED } = Notification;
/** Most with the mask that is the default. */
const masks = [
  { mask: BLOCKED | UNBLOCKED, most: 50 },
  { mask: BLOCKED, most: 10 },
];
const scale = Number(process.env['VPI_SCALE'] ?? 100) / 100;

for (const processors of [1, 2]) {
  for (const { mask, most } of masks) {
    const seeds = Math.ceil(most * scale);
    t.test(`${processors} processors, mask ${mask}`, (t) => {
      run(
        function* () {
          for (const { name, run: solve } of problems) {
            let seed = 1;
            while (seed <= seeds && (yield* solve(seed))) seed++;
            t.equal(seed, seeds + 1, `${name}: every seed`);
          }
        },
        { processors, mask },
      );
    });
  }
}

t.test('deadlock of two processors', (t) => {
  t.throws(() => run(() => deadlock(1), { processors: 2 }), DeadlockError);
});
