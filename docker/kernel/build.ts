/** Builds kernels, or finds them in the cache: `image/KEY` holds bzImage, config and build.log. */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { runSteps } from '../steps.ts';
import { cacheDirectory } from '../tree.ts';
import { flavourConfig, formatConfig, type Flavour } from './config.ts';
import { noteUse, pruneImages } from './images.ts';
import { hashPatch, patchDirectory } from './patch.ts';
import { findSource, type KernelSource } from './source.ts';
import { Trees } from './trees.ts';

/** Path of the flavour's bzImage, built if the cache does not have it. Says nothing if it has. */
export async function kernelImage(flavour: Flavour): Promise<string> {
  const source = findSource();
  const place = join(cacheDirectory('image'), cacheKey(source, flavour));
  if (!noteUse(place)) await buildKernel(source, flavour, place);
  return join(place, 'bzImage');
}

/** Everything that the image depends on, as one name. */
export function cacheKey(source: KernelSource, flavour: Flavour): string {
  const compiler = execFileSync('gcc', ['--version'], { encoding: 'utf8' }).split('\n')[0]!;
  const hash = createHash('sha256').update(`${source.id}\0${compiler}\0${formatConfig(flavourConfig(flavour))}\0`);
  if (flavour !== 'clean') hashPatch(patchDirectory, hash);
  return `${flavour}-${hash.digest('hex').slice(0, 24)}`;
}

async function buildKernel(source: KernelSource, flavour: Flavour, place: string): Promise<void> {
  const trees = new Trees(source);
  using lock = await trees.acquire();
  // That may have been the same one.
  if (noteUse(place)) return;
  process.stderr.write(`Building the ${flavour} kernel from linux-source ${source.version}\n`);
  await runSteps([
    { title: 'Unpack the source', run: () => trees.unpack(lock) },
    { title: 'Apply the patch', run: () => trees.patch(flavour, lock) },
    { title: 'Configure', run: () => trees.configure(flavour, lock) },
    { title: 'Compile', run: (progress) => trees.compile(flavour, lock, progress) },
    { title: 'Keep the result', run: () => trees.keep(flavour, place) },
  ]);
  pruneImages(dirname(place), flavour);
}
