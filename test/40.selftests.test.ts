/** The kernel's own tests of VPI on the release kernel: every behaviour, then the oracle, stress and sudden death. */

import { join } from 'node:path';
import t from 'tap';
import { kernelSelftests } from '../docker/kernel/selftests.ts';
import { packageRoot } from '../docker/tree.ts';
import { behaviours, testInGuest } from './guest.ts';
import { testMachine } from './vm.ts';

const long = process.env['VPI_TEST_LONG'] !== undefined;
const cycles = long ? 1_000_000 : 20_000;
const operations = long ? 1_000_000 : 20_000;
const kills = long ? 1000 : 50;
/** Seconds for one program. */
const patience = long ? 4 * 3600 : 900;

const directory = await kernelSelftests();
const program = (name: string, ...args: string[]) => ({ path: join(directory, name), args });
const wordcount = [join(packageRoot, 'build/native/examples/wordcount'), join(packageRoot, 'README.md')];

for (const smp of [1, 2, 4]) {
  await t.test(`on ${smp} virtual CPUs`, async (t) => {
    const machine = await testMachine({ smp });
    await testInGuest(t, machine, behaviours.map((name) => program(name)));
    await testInGuest(t, machine, [program('hold_stress', '-n', String(cycles)), program('vpi_stress', '-n', String(operations))], patience);
  });
}

await t.test('kill -9 at random instants', async (t) => {
  const machine = await testMachine();
  await testInGuest(t, machine, [program('kill_storm', '-n', String(kills), ...wordcount), program('kill_storm', '-n', String(kills))], patience);
});
