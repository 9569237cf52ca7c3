/**
 * Directories for the time of a process. Its number is in their names: so a later one can tell what a
 * killed process has left from what a living one uses, and removes it.
 */

import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Makes `parent/NAME.PID.RANDOM`; the leftovers of dead processes under the same name go. */
export function temporaryDirectory(parent: string, name: string): string {
  removeLeftovers(parent, name);
  return mkdtempSync(join(parent, `${name}.${process.pid}.`));
}

function removeLeftovers(parent: string, name: string): void {
  for (const entry of readdirSync(parent)) {
    const owner = entry.startsWith(`${name}.`) ? Number(entry.split('.').at(-2)) : NaN;
    if (Number.isInteger(owner) && !isAlive(owner)) removeOwn(join(parent, entry));
  }
}

/** A zombie is not: in a container nobody may ever ask for its status. */
export function isAlive(pid: number): boolean {
  try {
    // After the name, which may hold anything.
    return !/\) Z [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

/** In a directory that all users share, a name says nothing about who made it. Somebody else may be just as quick. */
function removeOwn(path: string): void {
  try {
    if (lstatSync(path).uid === process.getuid!()) rmSync(path, { recursive: true, force: true });
  } catch {
    // It is only in nobody's way.
  }
}
