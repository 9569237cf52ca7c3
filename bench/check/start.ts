/** `npm run bench:check`: fails where something needs more instructions than the figures that are kept. `--update` keeps the new ones. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Interruption } from '../../docker/interruption.ts';
import { runMain } from '../../docker/main.ts';
import { runSteps } from '../../docker/steps.ts';
import { packageRoot } from '../../docker/tree.ts';
import { compare, isRegression, printed, type Kept } from './compare.ts';
import { measure } from './measure.ts';

const path = join(packageRoot, 'bench/check/kept.json');

/** Of a figure that was not kept before. */
const usualTolerance = 3;

await runMain(async () => {
  const [option, ...rest] = process.argv.slice(2);
  if ((option !== undefined && option !== '--update') || rest.length > 0) throw new RangeError(`${[option, ...rest].join(' ')}: there is only --update`);
  using interruption = new Interruption();
  let measured: ReadonlyMap<string, number> = new Map();
  await runSteps([{ title: 'instruction clock, 1 virtual CPU', run: async (progress) => void (measured = await measure(progress, interruption.signal)) }]);
  const kept = JSON.parse(readFileSync(path, 'utf8')) as Record<string, Kept>;
  const lines = compare(kept, measured);
  process.stdout.write(`\n${printed(lines)}`);
  if (option === '--update') {
    writeFileSync(path, `{\n${[...measured].map(([name, value]) => `  ${JSON.stringify(name)}: { "instructions": ${value.toFixed(1)}, "tolerance": ${kept[name]?.tolerance ?? usualTolerance} }`).join(',\n')}\n}\n`);
    return 0;
  }
  const worse = lines.filter(isRegression);
  if (worse.length > 0) process.stdout.write(`\n${worse.length} ${worse.length === 1 ? 'is' : 'are'} worse than kept. If that is meant: npm run bench:check -- --update\n`);
  return worse.length > 0 ? 1 : 0;
});
