/**
 * Directories of the cache appear whole or not at all: they are filled under a temporary name beside
 * their place, and renamed.
 */

import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Lets `make` fill a new directory and puts it at `path`. Nothing remains if `make` throws.
 * If somebody else has published the same path meanwhile, theirs is kept.
 */
export async function publishDirectory(path: string, make: (temporary: string) => Promise<void> | void): Promise<void> {
  const parent = dirname(path);
  removeLeftovers(parent, basename(path));
  const temporary = mkdtempSync(join(parent, `.${basename(path)}.${process.pid}.`));
  try {
    await make(temporary);
    if (!existsSync(path)) renameSync(temporary, path);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** What a process that was killed has left: its number is in the name. */
function removeLeftovers(parent: string, name: string): void {
  for (const entry of readdirSync(parent)) {
    const owner = entry.startsWith(`.${name}.`) ? Number(entry.split('.').at(-2)) : NaN;
    if (Number.isInteger(owner) && !isAlive(owner)) rmSync(join(parent, entry), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}
