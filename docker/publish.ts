/**
 * Directories of the cache appear whole or not at all: they are filled under a temporary name beside
 * their place, and renamed.
 */

import { existsSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { temporaryDirectory } from './leftovers.ts';

/**
 * Lets `make` fill a new directory and puts it at `path`. Nothing remains if `make` throws.
 * If somebody else has published the same path meanwhile, theirs is kept.
 */
export async function publishDirectory(path: string, make: (temporary: string) => Promise<void> | void): Promise<void> {
  const temporary = temporaryDirectory(dirname(path), `.${basename(path)}`);
  try {
    await make(temporary);
    if (!existsSync(path)) renameSync(temporary, path);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
