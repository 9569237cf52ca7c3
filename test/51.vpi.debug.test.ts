/** The same on the debug kernel, reduced: it is slower, and sees more. */

import { basename } from 'node:path';
import t from 'tap';
import { programsIn, testNodeInGuest } from './node.ts';
import { testMachine } from './vm.ts';

const long = process.env['VPI_TEST_LONG'] !== undefined;
const programs = (long ? ['isolate', 'vpi', 'templates', 'threads'] : ['isolate', 'vpi', 'threads']).flatMap(programsIn);

/** Of these, and of the templates, the kernel sees nothing that it does not see of others, and they take a while. */
const longOnly = new Set(['api', 'ends', 'many', 'pool', 'strict']);

for (const smp of long ? [1, 2, 4] : [2]) {
  await t.test(`on ${smp} virtual CPUs`, async (t) => {
    const machine = await testMachine({ debug: true, smp });
    const chosen = programs.filter((path) => long || !longOnly.has(basename(path, '.js')));
    await testNodeInGuest(t, machine, chosen, { patience: long ? 4 * 3600 : 900, scale: long ? 1250 : 20 });
  });
}
