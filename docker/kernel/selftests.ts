/** Tests of the kernel's tree: those of VPI (`tools/testing/selftests/vpi`), and those of others beside it. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../tree.ts';
import { findSource } from './source.ts';
import { Trees } from './trees.ts';

/** Builds them, as far as they have changed; returns the directory with the programs. */
export async function kernelSelftests(): Promise<string> {
  const output = join(packageRoot, 'build/selftests');
  mkdirSync(output, { recursive: true });
  const trees = new Trees(findSource());
  using lock = await trees.acquire();
  await trees.unpack(lock);
  await trees.patch('release', lock);
  await trees.selftests(output, lock);
  return output;
}

/** Builds those of other parts of the kernel, of the unpatched tree, below `tools/testing/selftests`; returns where they are, by the same names. */
export async function upstreamSelftests(directories: readonly string[]): Promise<string> {
  const output = join(packageRoot, 'build/upstream');
  const trees = new Trees(findSource());
  using lock = await trees.acquire();
  await trees.unpack(lock);
  await trees.configure('clean', lock);
  for (const directory of directories) mkdirSync(join(output, directory), { recursive: true });
  await trees.upstream(directories, output, lock);
  return output;
}
