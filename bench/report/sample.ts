/** What was measured, before anything is made of it. */

import { rows } from './rows.ts';

export type Clock = 'wall' | 'instructions';

/** One run of one program. */
export interface Sample {
  figure: number;
  /** Of `rows.ts`. */
  row: string;
  clock: Clock;
  run: number;
  /** Iterations, and how long they took together; with the instruction clock 1 ns is one instruction of the guest. */
  count: number;
  nanoseconds: number;
  /** Figures 8 and 9: rounds of computing before each block, and how long these take alone, in nanoseconds. */
  rounds?: number;
  compute?: number;
  /** Figure 11: threads that take part. */
  threads?: number;
  /** Figure 12: at most how many nanoseconds such a share of the iterations takes. */
  quantiles?: [share: number, nanoseconds: number][];
  /** Figure 14: memory of all iterations together. */
  bytes?: number;
  /** Figure 15: what is done. */
  operation?: string;
}

/** Where it was measured. */
export interface Machine {
  kernel: string;
  node: string;
  accelerator: string;
  host: string;
  /** ISO 8601. */
  date: string;
}

export interface Report {
  machine: Machine;
  mode: 'quick' | 'full';
  samples: Sample[];
}

export const clocks: readonly Clock[] = ['wall', 'instructions'];

/**
 * What `samples.json` holds.
 *
 * @throws {TypeError} it is something else
 */
export function parseReport(text: string): Report {
  return checked(JSON.parse(text) as Partial<Report>);
}

/** @throws {TypeError} something is missing, or a sample is malformed */
export function checked(report: Partial<Report>): Report {
  if (typeof report.machine !== 'object' || !Array.isArray(report.samples)) throw new TypeError('it is no report: machine and samples are missing');
  for (const [index, sample] of report.samples.entries()) {
    const { figure, row, clock, run, count, nanoseconds } = sample;
    const isWhole = [figure, run, count].every(Number.isSafeInteger) && rows.some(({ id }) => id === row);
    if (!isWhole || !clocks.includes(clock) || !(nanoseconds > 0) || count < 1) throw new TypeError(`sample ${index} is malformed: ${JSON.stringify(sample)}`);
  }
  return report as Report;
}
