/** `SAMPLES [DIRECTORY]`: makes the report once more from the samples of one. */

import { readFileSync } from 'node:fs';
import { runMain } from '../../docker/main.ts';
import { parseReport } from './sample.ts';
import { writeReport } from './write.ts';

await runMain(async () => {
  const [samples, directory = 'report'] = process.argv.slice(2);
  if (samples === undefined) throw new Error('usage: SAMPLES [DIRECTORY], where SAMPLES is the samples.json of a report');
  await writeReport(directory, parseReport(readFileSync(samples, 'utf8')));
  return 0;
});
