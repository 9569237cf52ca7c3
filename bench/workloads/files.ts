/** `10 COUNT`: figure 10 on VPIthreads: threads read files that are not in memory. An iteration is a file. */

import { run, Thread, type OpGenerator } from 'node-vpi/threads';
import { readFile } from 'node-vpi/sys';
import { now } from 'node-vpi';
import { check, readArguments, report, warmUpCalls } from './arguments.ts';
import { coldFiles, dropCaches, readers, take } from './cold-files.ts';

const given = readArguments(process.argv.slice(2), [10]);
const { paths, bytes } = coldFiles(given.count);

function* reader(next: Int32Array): OpGenerator<number> {
  let sum = 0;
  for (let index; (index = take(next, paths.length)) !== undefined; ) sum += (yield* readFile(paths[index]!)).length;
  return sum;
}

function* readAll(): OpGenerator {
  const next = new Int32Array(1);
  const threads = Array.from({ length: readers }, () => Thread.create(reader, next));
  let sum = 0;
  for (const thread of threads) sum += yield* thread.join();
  check(sum === bytes, 'a file was not read, or not all of it');
}

const time = run(function* () {
  for (let call = 0; call < warmUpCalls; call++) {
    yield* readAll();
    dropCaches();
  }
  const start = now();
  yield* readAll();
  return now() - start;
});
report('vpithreads-1', given, time);
