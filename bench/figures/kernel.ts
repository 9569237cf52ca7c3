/** Figure 15: what the kernel's part costs, and what the patch costs others. On machines that are the same in every boot. */

import { bootKernelBench, kernelRows, type Boot } from '../kernel/exact.ts';
import type { Sample } from '../report/sample.ts';

export const kernelFigure = 15;

export interface KernelBoot extends Boot {
  title: string;
}

/** On two CPUs the patched kernel alone: what VPs cost that are free on both. */
export const kernelBoots: readonly KernelBoot[] = [
  { title: 'figure 15, patched kernel', flavour: 'release', cpus: 1, clock: 'instructions' },
  { title: 'figure 15, unpatched kernel', flavour: 'clean', cpus: 1, clock: 'instructions' },
  { title: 'figure 15, patched kernel on two CPUs', flavour: 'release', cpus: 2, clock: 'instructions' },
];

export async function kernelSamples(boot: Boot, signal: AbortSignal): Promise<Sample[]> {
  const rows = kernelRows(await bootKernelBench(boot, signal)).filter(({ cpus }) => cpus === boot.cpus);
  return rows.flatMap(({ row, count, each }) =>
    each.map((instructions, run): Sample => ({
      figure: kernelFigure,
      row: boot.flavour === 'release' ? 'patched' : 'unpatched',
      clock: boot.clock,
      run,
      count,
      nanoseconds: instructions,
      operation: operationName(row, boot.cpus),
    })),
  );
}

function operationName(row: string, cpus: number): string {
  return `${row}${cpus > 1 ? ` on ${cpus} CPUs` : ''}`;
}
