/** The TypeScript side in the VM, on the release kernel: how isolates are passed on, the paper's interface, and the templates. */

import { basename } from 'node:path';
import t from 'tap';
import { programsIn, testNodeInGuest } from './node.ts';
import { testMachine } from './vm.ts';

const long = process.env['VPI_TEST_LONG'] !== undefined;
const programs = ['isolate', 'vpi', 'templates', 'threads'].flatMap(programsIn);

/** Those to which the number of CPUs says something: who runs beside whom, and who is first. All run on two; in the long run on each number. */
const byCpus = new Set(['hand-off', 'afterwards', 'give', 'resume', 'ring', 'system-vp', 'idle-loop', 'cancel', 'classic', 'strict']);

const nameOf = (path: string) => basename(path, '.js');
t.ok([...byCpus].every((name) => programs.some((path) => nameOf(path) === name)), 'there are programs');
for (const smp of [1, 2, 4]) {
  await t.test(`on ${smp} virtual CPUs`, async (t) => {
    const chosen = programs.filter((path) => long || smp === 2 || byCpus.has(nameOf(path)));
    await testNodeInGuest(t, await testMachine({ smp }), chosen, { patience: long ? 4 * 3600 : 600, scale: long ? 10_000 : smp === 2 ? 100 : 20 });
  });
}
