/** The C library, one program for each of its behaviours. */

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { packageRoot } from '../docker/tree.ts';
import { testInGuest } from './guest.ts';
import { testMachine } from './vm.ts';

const directory = join(packageRoot, 'build/native/test/libvpi');

/** CMake puts its own files beside the programs; those have a dot in their names, or are directories. */
const programs = readdirSync(directory)
  .filter((name) => /^[a-z-]+$/.test(name) && statSync(join(directory, name)).isFile())
  .map((name) => ({ path: join(directory, name) }));

t.ok(programs.length > 0, 'there are programs');
for (const smp of [1, 2, 4]) {
  await t.test(`on ${smp} virtual CPUs`, async (t) => testInGuest(t, await testMachine({ smp }), programs));
}
