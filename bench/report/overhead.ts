/** Figures 8 and 9: how much longer the work takes with notifications than without VPI. */

import { rows } from './rows.ts';
import type { Clock, Sample } from './sample.ts';
import { spreadOf, type Spread } from './statistics.ts';

/** At one compute time; `median`, `least` and `most` are (VPI - KERNEL) / KERNEL, in per cent. */
export interface Overhead extends Spread {
  row: string;
  /** Microseconds of computing between two blocks. */
  compute: number;
}

/** What a row is measured against: the same program, in the same language, without VPI. */
export function kernelRowOf(row: string): string {
  return row.startsWith('libvpi-') ? 'kernel' : 'kernel-js';
}

/** By row, in the order of `rows`, and compute time. Each run is taken against the median of the runs without VPI. */
export function overheadsOf(samples: readonly Sample[], figure: number, clock: Clock): Overhead[] {
  const chosen = samples.filter((sample) => sample.figure === figure && sample.clock === clock);
  const vpi = rows.filter(({ id }) => id.startsWith('libvpi-') || /^vpithreads-[a-z]/.test(id));
  const all = [...new Set(chosen.map(({ rounds }) => rounds))].toSorted((a, b) => a! - b!);
  return vpi.flatMap(({ id }) =>
    all.flatMap((rounds) => {
      const at = (row: string) => chosen.filter((sample) => sample.row === row && sample.rounds === rounds);
      const [with_, without] = [at(id), at(kernelRowOf(id))];
      if (with_.length === 0 || without.length === 0) return [];
      const base = spreadOf(without.map(each)).median;
      const compute = spreadOf(without.map(({ compute }) => compute ?? 0)).median / 1000;
      return [{ row: id, compute, ...spreadOf(with_.map((sample) => 100 * (each(sample) / base - 1))) }];
    }),
  );
}

function each({ nanoseconds, count }: Sample): number {
  return nanoseconds / count;
}
