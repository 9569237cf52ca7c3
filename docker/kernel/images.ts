/** The finished kernels in the cache, `image/FLAVOUR-HASH`: all of them are built again if need be, so old ones go. */

import { readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { Flavour } from './config.ts';

/** Whoever goes back and forth between some versions of the patch builds none twice. */
const kept = 4;

/** A script that was given an image's path may take its time. A VM that runs needs the file no more. */
const dayInMs = 24 * 3600 * 1000;

/** Says that the image in `place` is used now. False if there is none. */
export function noteUse(place: string): boolean {
  const now = new Date();
  try {
    utimesSync(place, now, now);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    // Somebody else's cache: it is not for us to keep it in order.
    return statSync(place, { throwIfNoEntry: false }) !== undefined;
  }
}

/** Removes the flavour's images but for those used last, and those used within a day. */
export function pruneImages(directory: string, flavour: Flavour): void {
  const images = readdirSync(directory)
    .filter((name) => /^[0-9a-f]{24}$/.test(name.slice(flavour.length + 1)) && name.startsWith(`${flavour}-`))
    .map((name) => ({ path: join(directory, name), used: statSync(join(directory, name)).mtimeMs }))
    .sort((a, b) => b.used - a.used);
  for (const { path, used } of images.slice(kept)) {
    if (used < Date.now() - dayInMs) rmSync(path, { recursive: true, force: true });
  }
}
