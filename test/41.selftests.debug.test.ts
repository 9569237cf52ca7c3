/** The same on the debug kernel, reduced: it is slower, and sees more. */

import { join } from 'node:path';
import t from 'tap';
import { kernelSelftests } from '../docker/kernel/selftests.ts';
import { behaviours, testInGuest } from './guest.ts';
import { testMachine } from './vm.ts';

const long = process.env['VPI_TEST_LONG'] !== undefined;
const cycles = long ? 50_000 : 2_000;
const operations = long ? 50_000 : 2_000;
const kills = long ? 1000 : 10;
const patience = long ? 4 * 3600 : 900;

/** Per cent of their loops that the selftests run. */
process.env['VPI_SCALE'] ??= long ? '100' : '20';

const directory = await kernelSelftests();
const program = (name: string, ...args: string[]) => ({ path: join(directory, name), args });

/** They need the delay points that only this kernel has. Under each of these `stress` runs the stress programs: eighteen times one. */
const stressScale = long ? '100' : '2';
const races = [
  program('race_test', '-f', 'race'),
  { path: '/usr/bin/env', args: [`VPI_SCALE=${stressScale}`, join(directory, 'race_test'), '-f', 'stress'] },
];
const stress = [program('hold_stress', '-n', String(cycles)), program('vpi_stress', '-n', String(operations)), program('kill_storm', '-n', String(kills))];
const all = [...behaviours.map((name) => program(name)), ...races, ...stress];

for (const smp of long ? [1, 2, 4] : [2]) {
  await t.test(`on ${smp} virtual CPUs`, async (t) => {
    await testInGuest(t, await testMachine({ debug: true, smp }), all, patience);
  });
}
