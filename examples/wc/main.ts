/** wc [FILE...]: lines, words and bytes, as `LC_ALL=C wc` prints them, on virtual processors. */

import { cpuCount, entry, init } from 'node-vpi';
import { Table } from './table.ts';
import { countsOf, createWork } from './work.ts';

const files = process.argv.slice(2);
if (files.length === 0) {
  process.stderr.write('usage: wc FILE...\n');
  process.exit(2);
}

const processors = cpuCount();
const work = createWork(files);
init({ manager: entry(import.meta.resolve('./manager.js'), 'manager'), data: work, processors });
const table = new Table(files);
for (const [index, file] of files.entries()) table.add(file, countsOf(work, index));
process.exitCode = table.end();
const [blocks, upcalls, vps] = work.figures;
process.stderr.write(`wc: ${blocks} blocks, ${upcalls} upcalls, ${vps} VPs, ${processors} ${processors === 1 ? 'processor' : 'processors'}\n`);
