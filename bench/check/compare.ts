/** Compares figures with those that are kept. */

import { signed } from '../report/format.ts';

export interface Kept {
  /** Of one iteration. */
  instructions: number;
  /** How far, in per cent, it may be from that: what it differs by from boot to boot, and some more. */
  tolerance: number;
}

export type Verdict = 'as kept' | 'SLOWER' | 'faster' | 'MISSING' | 'new';

export interface Line {
  name: string;
  kept?: Kept;
  measured?: number;
  /** In per cent of what is kept. */
  difference?: number;
  verdict: Verdict;
}

/** One line for each name, those that are kept first. */
export function compare(kept: Readonly<Record<string, Kept>>, measured: ReadonlyMap<string, number>): Line[] {
  const known = Object.entries(kept).map(([name, kept]): Line => {
    const now = measured.get(name);
    if (now === undefined) return { name, kept, verdict: 'MISSING' };
    const difference = (now / kept.instructions - 1) * 100;
    const verdict = difference > kept.tolerance ? 'SLOWER' : difference < -kept.tolerance ? 'faster' : 'as kept';
    return { name, kept, measured: now, difference, verdict };
  });
  const unknown = [...measured].filter(([name]) => !(name in kept)).map(([name, measured]): Line => ({ name, measured, verdict: 'new' }));
  return [...known, ...unknown];
}

export function isRegression({ verdict }: Line): boolean {
  return verdict === 'SLOWER' || verdict === 'MISSING';
}

export function printed(lines: readonly Line[]): string {
  const cells = lines.map(({ name, kept, measured, difference, verdict }) => [
    name,
    kept ? kept.instructions.toFixed(0) : '',
    measured?.toFixed(0) ?? '',
    difference === undefined ? '' : `${signed(difference, 1)} %`,
    kept ? `${kept.tolerance} %` : '',
    verdict,
  ]);
  const table = [['instructions of', 'kept', 'measured', 'difference', 'tolerance', ''], ...cells];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table.map((row) => row.map((cell, i) => (i === 0 || i === 5 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ').trimEnd() + '\n').join('');
}
