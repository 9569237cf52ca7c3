/**
 * Strict parallelism, from the kernel's tracepoints and not from the library's counters: no more VPs run JavaScript than
 * there are processors, and none that is held or waits. Says what share of time carriers are in user mode beside them.
 */

import { spawnSync } from 'node:child_process';
import { openSync, closeSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { native } from '../../lib/native.ts';
import { entry, run, Thread } from 'node-vpi/threads';
import { cpuCount } from 'node-vpi';
import t, { type Results } from '../program.ts';
import type { exchange } from './strict-threads.ts';
import { strictnessOf, type Strictness } from './strictness.ts';

const tracing = '/sys/kernel/tracing';
const set = (name: string, value: string) => writeFileSync(join(tracing, name), value);

/**
 * The trace of what happens meanwhile, line by line. Of all processes: a VP's wait may end in an interrupt, whoever runs
 * then; there are no others in this machine.
 */
function traced(body: () => void): string[] {
  set('buffer_size_kb', '16384');
  set('trace_clock', 'global');
  set('trace', ' ');
  for (const event of ['vpi', 'raw_syscalls']) set(`events/${event}/enable`, '1');
  try {
    body();
  } finally {
    for (const event of ['vpi', 'raw_syscalls']) set(`events/${event}/enable`, '0');
  }
  const lines = readFileSync(join(tracing, 'trace'), 'utf8').split('\n');
  if (lines.some((line) => line.includes('LOST'))) throw new Error('the trace is not whole: its buffer is too small');
  return lines;
}

const processors = Math.min(2, cpuCount());

/** Threads on all processors that block, wake each other, and compute. */
function exchanges(): void {
  run(function* () {
    const all = Array.from({ length: 2 * processors }, (_, i) =>
      Thread.create(entry<typeof exchange>(import.meta.resolve('./strict-threads.js'), 'exchange', { processor: i % processors }), 20),
    );
    for (const thread of all) yield* thread.join();
  }, { processors });
}

function tell(t: Results, { vps, entries, most, seconds, secondsBeyond }: Strictness): void {
  t.comment(`${vps} VPs, isolates entered ${entries} times, ${most} at once in user mode, beyond the processors for ${((100 * secondsBeyond) / seconds).toFixed(2)} % of the time`);
}

t.test('no more VPs run JavaScript than there are processors', (t) => {
  const marker = openSync(join(tracing, 'trace_marker'), 'w');
  native.mark(marker);
  const lines = traced(exchanges);
  native.mark(-1);
  closeSync(marker);
  const strictness = strictnessOf(lines, processors);
  t.strictSame(strictness.violations, [], 'each isolate has one VP, which is not held');
  t.ok(strictness.entries > 100 && strictness.vps > processors, 'the trace shows what is to be seen');
  tell(t, strictness);
});

t.test('examples/wc', (t) => {
  const root = join(import.meta.dirname, '../../..');
  const files = ['README.md', 'docs/threads.md', 'docs/templates.md', 'docs/processors.md', 'docs/testing.md', 'docs/lint.md', 'kernel-patch/README.md'];
  const program = join(root, 'dist/examples/wc/main.js');
  writeFileSync('/proc/sys/vm/drop_caches', '3');
  const lines = traced(() => t.equal(spawnSync(process.execPath, [program, ...files], { cwd: root }).status, 0, 'it ends well'));
  tell(t, strictnessOf(lines, cpuCount()));
});

/** What must not be is seen: a trace that was made up. */
t.test('a VP too many, and one that is held', (t) => {
  const line = (tid: number, event: string, text: string) => `            node-${tid}    [000] .....     1.0000${tid}: ${event}: ${text}`;
  const attached = [1, 2].flatMap((tid) => [line(tid, 'vpi_attach', `tid=${tid} vp=0x1 flags=0`), line(tid, 'sys_exit', 'NR 480 = 0')]);
  const enters = (tid: number) => line(tid, 'tracing_mark_write', 'vpi enter 0');
  const leaves = (tid: number) => line(tid, 'tracing_mark_write', 'vpi leave 0');
  t.match(strictnessOf([...attached, enters(1), leaves(1), enters(2)], 1), { violations: { length: 0 }, entries: 2, most: 2 });
  t.match(strictnessOf([...attached, enters(1), enters(2)], 1).violations, [/1 is there already/]);
  t.match(strictnessOf([...attached, enters(1), line(2, 'vpi_state', 'tid=1 vp=0x1 seq=1 ACTIVE -> WAITRESUME')], 1).violations, [/1 is WAITRESUME in processor 0/]);
  t.match(strictnessOf([enters(3)], 1).violations, [/it is no VP/]);
});
