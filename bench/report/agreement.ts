/** Whether two reports say the same. */

import type { Clock, Sample } from './sample.ts';
import { spreadOf } from './statistics.ts';

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
 * other moments in every boot; and many threads of the kernel meet in another order.
 */
const tolerances = { compiledBefore: 3, compiledOnTheWay: 10 } as const;

const compiledOnTheWay: readonly string[] = ['vpithreads-1', 'vpithreads-2', 'vpithreads-blocked', 'vpithreads-both', 'kernel-js', 'workers', 'async', 'generators', 'addon'];

/** Of the medians, for what both have; the largest first. */
export function differencesOf(first: readonly Sample[], second: readonly Sample[], clock: Clock): Difference[] {
  const [a, b] = [first, second].map((samples) => mediansOf(samples.filter((sample) => sample.clock === clock)));
  return [...a!]
    .flatMap(([key, { figure, row, what, median }]): Difference[] => {
      const other = b!.get(key)?.median;
      if (other === undefined) return [];
      const tolerance = compiledOnTheWay.includes(row) ? tolerances.compiledOnTheWay : tolerances.compiledBefore;
      return [{ figure, what, first: median, second: other, percent: 100 * (other / median - 1), tolerance }];
    })
    .toSorted((a, b) => Math.abs(b.percent) - Math.abs(a.percent));
}

interface Median {
  figure: number;
  row: string;
  what: string;
  median: number;
}

function mediansOf(samples: readonly Sample[]): Map<string, Median> {
  const keyOf = ({ figure, row, rounds, threads, operation }: Sample) => [figure, row, rounds, threads, operation].join();
  return new Map([...new Set(samples.map(keyOf))].map((key) => [key, medianOf(samples.filter((sample) => keyOf(sample) === key))]));
}

function medianOf(group: readonly Sample[]): Median {
  const { figure, row, rounds, threads, operation } = group[0]!;
  const swept = [operation, rounds && `${rounds} rounds`, threads && `${threads} threads`].filter(Boolean);
  return { figure, row, what: [row, ...swept].join(', '), median: spreadOf(group.map(({ nanoseconds, count }) => nanoseconds / count)).median };
}
