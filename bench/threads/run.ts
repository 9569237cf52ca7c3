/** `npm run bench:threads`: the benchmarks of this directory in the VM, by the wall clock and by instructions. */

import { join } from 'node:path';
import { runFile } from '../../docker/commands/run.ts';
import { runMain } from '../../docker/main.ts';
import { packageRoot } from '../../docker/tree.ts';

const program = join(packageRoot, 'dist/bench/threads/main.js');

await runMain(async () => {
  process.stdout.write('=== wall clock, 2 virtual CPUs: compare within a table, never absolutely\n');
  const wall = await runFile(program, [], { smp: 2, memory: '2048M' });
  if (wall !== 0) return wall;
  process.stdout.write('\n=== instruction clock (1 ns is one instruction), 1 virtual CPU\n');
  return runFile(program, [], { smp: 1, memory: '2048M', icount: true });
});
