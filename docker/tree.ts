/**
 * Where things are: this package's own files, and the cache that all working trees of one user share.
 */

import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Root of the package; the compiled form of this file is `dist/docker/tree.js`. */
export const packageRoot = resolve(import.meta.dirname, '../..');

/** A directory of the cache, `$XDG_CACHE_HOME/node-vpi/PARTS…`, made if it is not there. */
export function cacheDirectory(...parts: string[]): string {
  const base = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const path = join(base, 'node-vpi', ...parts);
  mkdirSync(path, { recursive: true });
  return path;
}
