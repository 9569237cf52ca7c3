/** `10 COUNT sequential|promises|workers`: figure 10 without VPI, each in the way that Node's users read files. */

import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { check, readArguments, report, warmUpCalls } from '../../workloads/arguments.ts';
import { coldFiles, dropCaches, readers, take } from '../../workloads/cold-files.ts';
import { FileWorkers } from './file-workers.ts';

const given = readArguments(process.argv.slice(2), [10]);
const { paths, bytes } = coldFiles(given.count);

async function sequential(): Promise<number> {
  let sum = 0;
  for (const path of paths) sum += readFileSync(path).length;
  return sum;
}

/** As many at the same time as libuv's pool has threads. */
async function promises(): Promise<number> {
  const next = new Int32Array(1);
  const reader = async () => {
    let sum = 0;
    for (let index; (index = take(next, paths.length)) !== undefined; ) sum += (await readFile(paths[index]!)).length;
    return sum;
  };
  const sums = await Promise.all(Array.from({ length: readers }, reader));
  return sums.reduce((a, b) => a + b);
}

async function measured(row: string, readAll: () => Promise<number>): Promise<void> {
  const checked = async () => check((await readAll()) === bytes, 'a file was not read, or not all of it');
  for (let call = 0; call < warmUpCalls; call++) {
    await checked();
    dropCaches();
  }
  const start = performance.now();
  await checked();
  report(row, given, performance.now() - start);
}

const way = process.argv[4];
if (way === 'sequential') await measured(way, sequential);
else if (way === 'promises') await measured(way, promises);
else if (way === 'workers') {
  using workers = await FileWorkers.start(paths);
  await measured(way, () => workers.readAll());
} else throw new RangeError('usage: 10 COUNT sequential|promises|workers');
