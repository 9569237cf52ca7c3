/** `vpi kernel` */

import { kernelImage, patchedTrees } from '../kernel/build.ts';
import { findSource } from '../kernel/source.ts';
import { wholePatch } from '../kernel/whole-patch.ts';

export interface KernelOptions {
  debug?: boolean;
  clean?: boolean;
  printPatch?: boolean;
}

export async function printKernel(options: KernelOptions): Promise<void> {
  if (options.printPatch) {
    const { pristine, files } = await patchedTrees(findSource());
    process.stdout.write(wholePatch(pristine, files));
    return;
  }
  const image = await kernelImage(options.debug ? 'debug' : options.clean ? 'clean' : 'release');
  process.stdout.write(`${image}\n`);
}
