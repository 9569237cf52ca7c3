/** What the kernel's own tests came to on two kernels, or in two ways, side by side. */

import { readSection } from '../guest.ts';

/** `passed`, `failed`, `skipped`, by the name of the result; and the program's own status. */
export type Results = ReadonlyMap<string, string>;

/** `section` is what the program has said, of `runInGuest()`. */
export function resultsOf(section: string): Results {
  const { results, status } = readSection(section);
  const named = results.map(({ ok, name, directive }): [string, string] => [stable(name), directive !== undefined ? 'skipped' : ok ? 'passed' : 'failed']);
  return new Map([...named, ['status', String(status ?? 'none')]]);
}

/** Some names have numbers that change from run to run: process ids, addresses, times. */
function stable(name: string): string {
  return name.replaceAll(/0x[0-9a-f]+|\d{3,}/g, 'N');
}

export interface Difference {
  name: string;
  /** What was seen, of however many runs. */
  before: string[];
  after: string[];
}

/** Results that never were the same: what a test that is unstable by itself came to in one run, it can come to in another. */
export function differences(before: readonly Results[], after: readonly Results[]): Difference[] {
  const names = new Set([...before, ...after].flatMap((results) => [...results.keys()]));
  const seen = (runs: readonly Results[], name: string) => [...new Set(runs.map((results) => results.get(name) ?? 'missing'))];
  return [...names]
    .map((name): Difference => ({ name, before: seen(before, name), after: seen(after, name) }))
    .filter(({ before, after }) => before.every((result) => !after.includes(result)));
}

/** How many results of each kind. A program without results counts by its status, of which 4 means that it has nothing to test. */
export function countsOf(all: readonly Results[]): Record<'passed' | 'failed' | 'skipped', number> {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const results of all) {
    const own = [...results].filter(([name]) => name !== 'status').map(([, result]) => result);
    const status = results.get('status');
    for (const result of own.length > 0 ? own : [status === '0' ? 'passed' : status === '4' ? 'skipped' : 'failed']) counts[result as keyof typeof counts]++;
  }
  return counts;
}
