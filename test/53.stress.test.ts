/** V8 under its own stress flags, in the long run: what it does seldom it then does all the time. */

import { basename } from 'node:path';
import t from 'tap';
import { programsIn, testNodeInGuest } from './node.ts';
import { testMachine } from './vm.ts';

const long = process.env['VPI_TEST_LONG'] !== undefined;
const chosen = new Set(['hand-off', 'ring', 'instances', 'classic']);
const programs = [...programsIn('isolate'), ...programsIn('vpi'), ...programsIn('threads')].filter((path) => chosen.has(basename(path, '.js')));

const stress = [
  ['--stress-compaction'],
  ['--gc-interval=500'],
  ['--stress-scavenge=50'],
  ['--stress-incremental-marking'],
  ['--stress-concurrent-allocation'],
  ['--stress-wasm-code-gc'],
  ['--always-sparkplug'],
  ['--minor-ms'],
];

t.equal(programs.length, chosen.size, 'there are programs');
for (const flags of stress) {
  await t.test(flags.join(' '), { skip: long ? false : 'in npm run test:long' }, async (t) => {
    await testNodeInGuest(t, await testMachine(), programs, { flags, patience: 1800, scale: 20 });
  });
}
