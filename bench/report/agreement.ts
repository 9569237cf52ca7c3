/** Whether two reports say the same. */

import type { Clock, Sample } from './sample.ts';
import { spreadOf, type Spread } from './statistics.ts';

/** What a figure has a value for: a row, and what it was swept over. */
export interface Difference {
  figure: number;
  what: string;
  first: number;
  second: number;
  /** Of the second against the first. */
  percent: number;
  /** What is allowed, to both sides. */
  tolerance: number;
}

/**
 * Of the instruction clock, from boot to boot, in per cent. Who compiles while it runs, or collects garbage, does so at
 * other moments in every boot; and many threads of the kernel meet in another order. What differs by more than that from one
 * run to the next in a boot may differ by as much from boot to boot.
 */
const tolerances = { compiledBefore: 3, compiledOnTheWay: 10 } as const;

const compiledOnTheWay: readonly string[] = ['vpithreads-1', 'vpithreads-2', 'vpithreads-blocked', 'vpithreads-both', 'kernel-js', 'workers', 'async', 'generators', 'addon'];

/** Of the medians, for what both have; the largest first. */
export function differencesOf(first: readonly Sample[], second: readonly Sample[], clock: Clock): Difference[] {
  const [a, b] = [first, second].map((samples) => valuesOf(samples.filter((sample) => sample.clock === clock)));
  return [...a!]
    .flatMap(([key, { figure, row, what, spread }]): Difference[] => {
      const other = b!.get(key)?.spread;
      if (other === undefined) return [];
      const least = compiledOnTheWay.includes(row) ? tolerances.compiledOnTheWay : tolerances.compiledBefore;
      const tolerance = Math.max(least, farthestOf(spread), farthestOf(other));
      return [{ figure, what, first: spread.median, second: other.median, percent: 100 * (other.median / spread.median - 1), tolerance }];
    })
    .toSorted((a, b) => Math.abs(b.percent) - Math.abs(a.percent));
}

/** Of a run from the median, in per cent. */
function farthestOf({ median, least, most }: Spread): number {
  return 100 * Math.max(most / median - 1, 1 - least / median);
}

interface Value {
  figure: number;
  row: string;
  what: string;
  spread: Spread;
}

function valuesOf(samples: readonly Sample[]): Map<string, Value> {
  const keyOf = ({ figure, row, rounds, threads, operation }: Sample) => [figure, row, rounds, threads, operation].join();
  return new Map([...new Set(samples.map(keyOf))].map((key) => [key, valueOf(samples.filter((sample) => keyOf(sample) === key))]));
}

function valueOf(group: readonly Sample[]): Value {
  const { figure, row, rounds, threads, operation } = group[0]!;
  const swept = [operation, rounds && `${rounds} rounds`, threads && `${threads} threads`].filter(Boolean);
  return { figure, row, what: [row, ...swept].join(', '), spread: spreadOf(group.map(({ nanoseconds, count }) => nanoseconds / count)) };
}
