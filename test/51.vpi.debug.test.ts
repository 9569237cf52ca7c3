/** The same on the debug kernel, reduced: it is slower, and sees more. */

import { join } from 'node:path';
import t from 'tap';
import { programsIn, testNodeInGuest } from './node.ts';
import { testMachine } from './vm.ts';

const long = process.env['VPI_TEST_LONG'] !== undefined;
const programs = ['isolate', 'vpi', 'templates', 'threads'].flatMap(programsIn);

/** Of these the kernel sees nothing that it does not see of others (`test/vpi/ends`, `test/threads/many`), and they take a while. */
const longOnly = [join('threads', 'ends.js'), join('vpi', 'pool.js'), join('threads', 'strict.js')];

for (const smp of long ? [1, 2, 4] : [2]) {
  await t.test(`on ${smp} virtual CPUs`, async (t) => {
    const machine = await testMachine({ debug: true, smp });
    const chosen = programs.filter((path) => long || !longOnly.some((name) => path.endsWith(name)));
    await testNodeInGuest(t, machine, chosen, { patience: long ? 4 * 3600 : 900, scale: long ? 1250 : 20 });
  });
}
