/** The kernel's own tests of VPI (`tools/testing/selftests/vpi`), built against the patched tree. */

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
