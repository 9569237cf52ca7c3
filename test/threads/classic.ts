/** The classic problems, on this kernel: by seeds, on one processor and on two, with UNBLOCKED wanted and not. */

import { DeadlockError, run } from '../../lib/threads/index.ts';
import { Notification } from '../../lib/vpi/index.ts';
import t from '../program.ts';
import { deadlock, problems } from './problems.ts';

const seeds = Math.ceil(Number(process.env['VPI_SCALE'] ?? 100) / 2);
const { BLOCKED, UNBLOCKED } = Notification;

for (const processors of [1, 2]) {
  for (const mask of [BLOCKED | UNBLOCKED, BLOCKED]) {
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
