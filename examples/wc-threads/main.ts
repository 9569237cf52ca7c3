/** wc FILE...: as `examples/wc`, on VPIthreads: a thread for each file, on all processors. */

import { cpuCount, kernelStatus } from 'node-vpi';
import { entry, run, Thread } from 'node-vpi/threads';
import { Table } from '../wc/table.ts';
import type { count } from './count.ts';

const files = process.argv.slice(2);
if (files.length === 0) {
  process.stderr.write('usage: wc FILE...\n');
  process.exit(2);
}

const processors = cpuCount();
const table = new Table(files);
const { blocks } = run(function* () {
  const counting = entry<typeof count>(import.meta.resolve('./count.js'), 'count');
  const threads = files.map((file) => Thread.create(counting, file));
  for (const [index, thread] of threads.entries()) table.add(files[index]!, yield* thread.join());
  return kernelStatus();
}, { processors });
process.exitCode = table.end();
process.stderr.write(`wc: ${files.length} threads, ${blocks} blocks, ${processors} ${processors === 1 ? 'processor' : 'processors'}\n`);
