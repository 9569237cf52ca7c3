/**
 * What the programs of figure 10 have in common: which files are read, by how many, and how these come to be cold.
 *
 * The files are the host's, over 9p. Who reads one waits for the host, which has it in memory: a slow device, but no disk.
 */

import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { check } from './arguments.ts';

/** Files that are read at the same time; so many threads has libuv's pool. */
export const readers = 4;

export interface ColdFiles {
  paths: string[];
  /** Of all of them together. */
  bytes: number;
}

/** The first `count` of this project's compiled modules, by path. They are on the read-only root of the guest. */
export function coldFiles(count: number): ColdFiles {
  const directory = join(import.meta.dirname, '../..');
  const all = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js')).toSorted();
  check(all.length >= count, `there are only ${all.length} files`);
  const paths = all.slice(0, count).map((name) => join(directory, name));
  return { paths, bytes: paths.reduce((sum, path) => sum + statSync(path).size, 0) };
}

/** Forgets what was read, names of files included. */
export function dropCaches(): void {
  writeFileSync('/proc/sys/vm/drop_caches', '3');
}

/** Indices from 0 to `count`, one for each call, whoever makes it; then undefined. `next[0]` is the next one. */
export function take(next: Int32Array, count: number): number | undefined {
  const index = Atomics.add(next, 0, 1);
  return index < count ? index : undefined;
}
