/** `npm run bench:agree -- SAMPLES SAMPLES`: whether two reports say the same by the instruction clock, within what is allowed. */

import { readFileSync } from 'node:fs';
import { runMain } from '../../docker/main.ts';
import { differencesOf, type Difference } from './agreement.ts';
import { signed } from './format.ts';
import { parseReport } from './sample.ts';

/** Of those that agree, so many are shown. */
const shown = 10;

function line({ figure, what, first, second, percent, tolerance }: Difference): string {
  return `figure ${figure}, ${what}: ${first.toFixed(1)} and ${second.toFixed(1)}, ${signed(percent, 1)} %, ${tolerance} % allowed\n`;
}

await runMain(async () => {
  const paths = process.argv.slice(2);
  if (paths.length !== 2) throw new Error('usage: SAMPLES SAMPLES, each the samples.json of a report');
  const [first, second] = paths.map((path) => parseReport(readFileSync(path, 'utf8')).samples);
  const differences = differencesOf(first!, second!, 'instructions');
  if (differences.length === 0) throw new Error('the two have nothing in common that was measured by the instruction clock');
  const apart = differences.filter(({ percent, tolerance }) => Math.abs(percent) > tolerance);
  const rest = differences.filter((difference) => !apart.includes(difference));
  process.stdout.write(`${differences.length} values, ${apart.length} further apart than allowed\n${apart.map(line).join('')}`);
  process.stdout.write(`\nThe largest differences of the others:\n${rest.slice(0, shown).map(line).join('')}`);
  return apart.length > 0 ? 1 : 0;
});
