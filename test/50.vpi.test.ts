/** The TypeScript side in the VM, on the release kernel: how isolates are passed on, the paper's interface, and the templates. */

import t from 'tap';
import { programsIn, testNodeInGuest } from './node.ts';
import { testMachine } from './vm.ts';

const long = process.env['VPI_TEST_LONG'] !== undefined;
const programs = ['isolate', 'vpi', 'templates'].flatMap(programsIn);

t.ok(programs.length > 0, 'there are programs');
for (const smp of [1, 2, 4]) {
  await t.test(`on ${smp} virtual CPUs`, async (t) => {
    await testNodeInGuest(t, await testMachine({ smp }), programs, { patience: long ? 4 * 3600 : 300, scale: long ? 10_000 : 100 });
  });
}
