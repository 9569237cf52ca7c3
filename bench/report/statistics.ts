/** Medians and spreads of samples. */

import { rows } from './rows.ts';
import { clocks, type Clock, type Sample } from './sample.ts';

export interface Spread {
  median: number;
  least: number;
  most: number;
}

/** One row of a figure: nanoseconds of an iteration, or bytes where memory is what counts. */
export interface Cell extends Spread {
  row: string;
  runs: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return { median: (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2, least: sorted[0]!, most: sorted.at(-1)! };
}

/** The figure's rows that were measured with `clock`, in the order of `rows`. */
export function cellsOf(samples: readonly Sample[], figure: number, clock: Clock): Cell[] {
  const chosen = samples.filter((sample) => sample.figure === figure && sample.clock === clock);
  return rows.flatMap(({ id }) => {
    const values = chosen.filter(({ row }) => row === id).map(({ bytes, nanoseconds, count }) => (bytes ?? nanoseconds) / count);
    return values.length > 0 ? [{ row: id, runs: values.length, ...spreadOf(values) }] : [];
  });
}

export function clocksOf(samples: readonly Sample[], figure: number): Clock[] {
  return clocks.filter((clock) => samples.some((sample) => sample.figure === figure && sample.clock === clock));
}

/** As `cellsOf()`, for each number of threads, the least first. */
export function threadCellsOf(samples: readonly Sample[], figure: number, clock: Clock): (Cell & { threads: number })[] {
  const counts = [...new Set(samples.flatMap((sample) => (sample.figure === figure && sample.threads !== undefined ? [sample.threads] : [])))].toSorted((a, b) => a - b);
  return rows.flatMap(({ id }) => counts.flatMap((threads) => cellsOf(samples.filter((sample) => sample.row === id && sample.threads === threads), figure, clock).map((cell) => ({ ...cell, threads }))));
}

/** A point of a row's distribution: over the runs, at most how long such a share of the iterations takes. */
export interface Quantile extends Spread {
  row: string;
  share: number;
}

export function quantilesOf(samples: readonly Sample[], figure: number, clock: Clock): Quantile[] {
  const chosen = samples.filter((sample) => sample.figure === figure && sample.clock === clock);
  return rows.flatMap(({ id }) => {
    const all = chosen.filter(({ row }) => row === id).flatMap(({ quantiles = [] }) => quantiles);
    const shares = [...new Set(all.map(([share]) => share))];
    return shares.map((share) => ({ row: id, share, ...spreadOf(all.flatMap(([other, time]) => (other === share ? [time] : []))) }));
  });
}

/** Of one kernel. */
export type OperationCell = Cell & { operation: string };

/** As `cellsOf()`, for each operation, in the order of the samples. */
export function operationCellsOf(samples: readonly Sample[], figure: number, clock: Clock): OperationCell[] {
  const operations = new Set(samples.flatMap((sample) => (sample.figure === figure && sample.operation !== undefined ? [sample.operation] : [])));
  return [...operations].flatMap((operation) => cellsOf(samples.filter((sample) => sample.operation === operation), figure, clock).map((cell) => ({ ...cell, operation })));
}

/** What an operation needs more on the patched kernel, in instructions or nanoseconds, and in per cent. */
export interface Change {
  operation: string;
  patched: number;
  /** These three are not there where it needs the patch. */
  unpatched?: number;
  more?: number;
  percent?: number;
}

export function changesOf(samples: readonly Sample[], figure: number, clock: Clock): Change[] {
  const cells = operationCellsOf(samples, figure, clock);
  return cells.filter(({ row }) => row === 'patched').map(({ operation, median: patched }) => {
    const unpatched = cells.find((cell) => cell.row === 'unpatched' && cell.operation === operation)?.median;
    return unpatched === undefined ? { operation, patched } : { operation, patched, unpatched, more: patched - unpatched, percent: 100 * (patched / unpatched - 1) };
  });
}
