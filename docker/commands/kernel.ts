/** `vpi kernel` */

import { kernelImage } from '../kernel/build.ts';
import { findSource } from '../kernel/source.ts';
import { Trees } from '../kernel/trees.ts';
import { wholePatch } from '../kernel/whole-patch.ts';

export interface KernelOptions {
  debug?: boolean;
  clean?: boolean;
  printPatch?: boolean;
}

export async function printKernel(options: KernelOptions): Promise<void> {
  if (options.printPatch) {
    const trees = new Trees(findSource());
    using lock = await trees.acquire();
    await trees.unpack(lock);
    process.stdout.write(wholePatch(trees.pristine, trees.patchedFiles()));
    return;
  }
  const image = await kernelImage(options.debug ? 'debug' : options.clean ? 'clean' : 'release');
  process.stdout.write(`${image}\n`);
}
