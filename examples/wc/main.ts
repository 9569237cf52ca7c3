/** wc [FILE...]: lines, words and bytes, as `LC_ALL=C wc` prints them, on virtual processors. */

import { statSync } from 'node:fs';
import { getSystemErrorMap } from 'node:util';
import { cpuCount, entry, init } from 'node-vpi';
import { countsOf, createWork, type Work } from './work.ts';

const files = process.argv.slice(2);
if (files.length === 0) {
  process.stderr.write('usage: wc FILE...\n');
  process.exit(2);
}

const processors = cpuCount();
const work = createWork(files);
init({ manager: entry(import.meta.resolve('./manager.js'), 'manager'), data: work, processors });
const failed = print(work);
const [blocks, upcalls, vps] = work.figures;
process.stderr.write(`wc: ${blocks} blocks, ${upcalls} upcalls, ${vps} VPs, ${processors} ${processors === 1 ? 'processor' : 'processors'}\n`);
process.exitCode = failed ? 1 : 0;

/** As wc does: columns as wide as the sum of the sizes, a total for more than one file. */
function print(work: Work): boolean {
  const width = columnWidth(work.files);
  const total = [0, 0, 0];
  let failed = false;
  const line = (counts: Iterable<number>, name: string) => {
    process.stdout.write(`${[...counts].map((count) => String(count).padStart(width)).join(' ')} ${name}\n`);
  };
  for (const [index, name] of work.files.entries()) {
    const counts = countsOf(work, index);
    const errno = counts[3]!;
    if (errno !== 0) {
      process.stderr.write(`wc: ${name}: ${getSystemErrorMap().get(errno)?.[1]}\n`);
      failed = true;
      continue;
    }
    line(counts.subarray(0, 3), name);
    for (let i = 0; i < 3; i++) total[i]! += counts[i]!;
  }
  if (work.files.length > 1) line(total, 'total');
  return failed;
}

function columnWidth(files: string[]): number {
  let sum = 0;
  let least = 1;
  for (const file of files) {
    const stat = statSync(file, { throwIfNoEntry: false });
    if (!stat) continue;
    if (stat.isFile()) sum += stat.size;
    else least = 7;
  }
  return Math.max(String(sum).length, least);
}
