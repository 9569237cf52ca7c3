/**
 * Files and directories of the cache appear whole or not at all: they are made under a temporary
 * name beside their place, and renamed.
 */

import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Lets `make` fill a new directory and puts it at `path`. Nothing remains if `make` throws.
 * If somebody else has published the same path meanwhile, theirs is kept.
 */
export async function publishDirectory(
  path: string,
  make: (temporary: string) => Promise<void> | void,
): Promise<void> {
  const temporary = mkdtempSync(join(dirname(path), `.${basename(path)}.`));
  try {
    await make(temporary);
    if (!existsSync(path)) renameSync(temporary, path);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
