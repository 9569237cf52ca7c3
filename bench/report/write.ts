/** Writes a report: raw samples, a plot per figure, a page. */

import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { figures } from './figures.ts';
import { page } from './page.ts';
import { plot, png } from './plot.ts';
import { checked, type Report, type Sample } from './sample.ts';

/** Replaces `directory`. If that fails, what was there is still there, and nothing else. */
export async function writeReport(directory: string, report: Report): Promise<void> {
  const target = resolve(directory);
  mkdirSync(dirname(target), { recursive: true });
  const made = mkdtempSync(`${target}-`);
  try {
    await writeInto(made, report);
    chmodSync(made, 0o755);
    rmSync(target, { recursive: true, force: true });
    renameSync(made, target);
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    throw error;
  }
}

async function writeInto(directory: string, report: Report): Promise<void> {
  const { samples } = checked(report);
  const write = (name: string, content: string | Buffer) => writeFileSync(join(directory, name), content);
  const plots = new Map<number, string>();
  for (const { number } of figures.filter(({ number }) => samples.some(({ figure }) => figure === number))) {
    const svg = await plot(samples, number);
    plots.set(number, svg);
    write(`figure-${number}.svg`, svg);
    write(`figure-${number}.png`, png(svg));
  }
  write('samples.json', `${JSON.stringify(report, null, 1)}\n`);
  write('samples.csv', csv(samples));
  write('index.html', page(report, plots));
}

const columns = ['figure', 'row', 'clock', 'run', 'count', 'nanoseconds', 'rounds', 'compute', 'threads', 'bytes', 'operation'] as const;

/** Numbers and names of rows: nothing that has to be quoted. Distributions are in the JSON. */
function csv(samples: readonly Sample[]): string {
  return [columns, ...samples.map((sample) => columns.map((column) => sample[column] ?? ''))].map((line) => `${line.join(',')}\n`).join('');
}
