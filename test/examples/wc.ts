/** `examples/wc`: its counts are those of wc, time after time, and nothing is left behind. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from '../program.ts';
import { compare, filesIn } from './against-wc.ts';

const program = fileURLToPath(import.meta.resolve('../../examples/wc/main.js'));
const isLong = Number(process.env['VPI_SCALE'] ?? 100) > 100;
const times = isLong ? 100 : 3;

/** The kernel counts what each CPU keeps at hand as in use. One object left each time is seen in the long run. */
const slack = 75;

/** Objects in use, of what a process with VPs is made of. */
function kernelObjects(): Map<string, number> {
  const lines = readFileSync('/proc/slabinfo', 'utf8').split('\n').map((line) => line.split(/ +/));
  return new Map(lines.filter(([name]) => /^(vpi_\w+|task_struct|mm_struct|signal_cache)$/.test(name!)).map(([name, active]) => [name!, Number(active)]));
}

/** KiB that programs could have. */
function available(): number {
  return Number(/^MemAvailable: +(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8'))![1]);
}

t.test(`500 files, ${times} times`, (t) => {
  const files = filesIn(['examples', 'lib', 'test', 'dist/lib', 'dist/test']).slice(0, 500);
  t.equal(files.length, 500, 'there are enough files');
  t.match(compare(t, program, files), /^wc: [1-9]\d* blocks, [1-9]\d* upcalls, [1-9]\d* VPs/m, 'there were upcalls');
  const [before, memory] = [kernelObjects(), available()];
  for (let i = 1; i < times; i++) compare(t, program, files);
  t.ok(before.size >= 4, [...before.keys()].join(', '));
  for (const [name, count] of kernelObjects()) t.ok(count - before.get(name)! < slack, `${name}: ${before.get(name)}, then ${count}`);
  t.comment(`memory available: ${memory} KiB, then ${available()} KiB`);
});

if (isLong) {
  t.test('10 000 files', (t) => {
    const files = filesIn(['node_modules']).slice(0, 10_000);
    t.equal(files.length, 10_000, 'there are enough files');
    t.match(compare(t, program, files), /^wc: [1-9]\d* blocks/m);
  });
}
