/** Test programs of `test/vpi` and `test/isolate`: JavaScript that prints TAP, run by Node in the VM. */

import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Test } from 'tap';
import { nodeProgram } from '../docker/addon.ts';
import { packageRoot } from '../docker/tree.ts';
import type { MachineOptions } from '../docker/vm/machine.ts';
import { testInGuest } from './guest.ts';

export interface NodeOptions {
  /** Path of Node; default: the project's own. */
  node?: string;
  /** Seconds for one program. */
  patience?: number;
  /** More of Node's options. */
  flags?: string[];
  /** Per cent of their loops that the programs shall run, as `VPI_SCALE`. */
  scale?: number;
}

/** Paths of the compiled programs of `test/DIRECTORY`: modules that import `t`. The others are parts of them. */
export function programsIn(directory: string): string[] {
  const place = join(packageRoot, 'test', directory);
  const isProgram = (name: string) => name.endsWith('.ts') && /^import t\b/m.test(readFileSync(join(place, name), 'utf8'));
  const names = readdirSync(place).filter(isProgram).sort();
  return names.map((name) => join(packageRoot, 'dist/test', directory, name.replace(/ts$/, 'js')));
}

/** Runs the programs one after the other in one machine; each becomes a subtest. */
export async function testNodeInGuest(t: Test, machine: MachineOptions, programs: string[], options: NodeOptions = {}): Promise<void> {
  const { node = nodeProgram(), flags = [], patience = 300, scale = 100 } = options;
  const commands = programs.map((path) => ({ path: node, args: ['--expose-gc', '--enable-source-maps', ...flags, path], name: basename(path, '.js') }));
  // Nothing of the runner around this test, whose loaders and time limits are for the host.
  const env = { PATH: process.env['PATH'] ?? '', HOME: '/root', VPI_SCALE: String(scale), TAP_TIMEOUT: String(patience) };
  // In the root directory nothing is shared: what a program writes goes with the machine.
  await testInGuest(t, machine, commands, patience, { env, cwd: '/' });
}
