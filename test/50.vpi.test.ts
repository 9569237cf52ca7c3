/** The TypeScript side in the VM, on the release kernel: how isolates are passed on, the paper's interface, and the templates. */

import { basename } from 'node:path';
import t from 'tap';
import { programsIn, testNodeInGuest } from './node.ts';
import { testMachine } from './vm.ts';

const long = process.env['VPI_TEST_LONG'] !== undefined;
const programs = ['isolate', 'vpi', 'templates', 'threads'].flatMap(programsIn);

/** The number of CPUs says nothing to these, which take longest: each of their cases is a start of Node, or a system call. */
const once = new Set(['ends', 'sys']);

t.ok(programs.length > 0, 'there are programs');
for (const smp of [1, 2, 4]) {
  await t.test(`on ${smp} virtual CPUs`, async (t) => {
    const chosen = programs.filter((path) => long || smp === 2 || !once.has(basename(path, '.js')));
    await testNodeInGuest(t, await testMachine({ smp }), chosen, { patience: long ? 4 * 3600 : 600, scale: long ? 10_000 : smp === 2 ? 100 : 20 });
  });
}
