/** The programs that `vpi bench` runs: each checks its own result, and says what it has measured. A few iterations only. */

import t from 'tap';
import { runJobs } from '../bench/figures/guest.ts';
import { Interrupted } from '../docker/interruption.ts';
import type { MachineOptions } from '../docker/vm/machine.ts';
import { availablePrograms, isInJavaScript, notificationPrograms, switchPrograms } from '../bench/figures/programs.ts';
import { testMachine } from './vm.ts';

/** Enough for a warm-up, and for each thread to wait; of Workers that are created only two, since each takes a second. */
const count = 40;

const times = availablePrograms().flatMap(({ row, command, args = [], counts }) =>
  Object.keys(counts).map((figure) => ({ figure: Number(figure), row, command: [...command, figure, String(row === 'workers' && ['3', '14'].includes(figure) ? 2 : count), ...args] })),
);
/** Of JavaScript's with 16 pairs only one, since each pair takes a Worker or two. */
const isShown = (figure: number, row: string) => figure === 8 || !/js$|-blocked$/.test(row) || row.startsWith('libvpi');
const overheads = [8, 9].flatMap((figure) =>
  notificationPrograms
    .filter(({ row }) => isShown(figure, row))
    .map((program) => ({ figure, row: program.row, command: [...program.command, String(figure), '100', isInJavaScript(program) ? '32' : '64', program.mask] })),
);
const switches = switchPrograms().map(({ row, command }) => ({ figure: 11, row, command: [...command, '11', '64', '16'] }));
const all = [...times, ...overheads, ...switches];

/** Where each read blocks on one CPU, which the programs check themselves. */
const blocking = overheads.filter(({ figure, row }) => figure === 8 || row.startsWith('libvpi'));

/** What is said of `programs`, run in one boot. */
async function run(machine: MachineOptions, programs: typeof all): Promise<string[]> {
  const jobs = programs.map(({ figure, row, command }) => ({ name: `figure ${figure}, ${row}`, command }));
  return runJobs(machine, jobs, () => {}, new AbortController().signal);
}

t.test('each program measures its figure', async (t) => {
  t.ok(['nptl', 'linuxthreads', 'vpithreads-1', 'vpithreads-2', 'workers', 'async'].every((row) => all.some((program) => program.row === row)), 'what can be built anywhere is there');
  const said = await run(await testMachine(), all);
  for (const [index, { figure, row }] of all.entries()) {
    const sample = JSON.parse(said[index] || '{}') as { nanoseconds?: number };
    t.match(sample, { figure, row, count: Number }, `figure ${figure}, ${row}`);
    t.ok(sample.nanoseconds! > 0);
  }
});

t.test('on one CPU the reads of figures 8 and 9 block, by a clock that does not see the host', async (t) => {
  const said = await run(await testMachine({ smp: 1, icount: true }), blocking);
  t.strictSame(said.map((text) => (JSON.parse(text) as { row: string }).row), blocking.map(({ row }) => row));
});

t.test('a program that fails is the last', async (t) => {
  const begun: number[] = [];
  const jobs = [['echo', 'one'], ['sh', '-c', 'exit 3'], ['echo', 'three']].map((command, index) => ({ name: `program ${index}`, command }));
  await t.rejects(
    runJobs(await testMachine(), jobs, (index) => begun.push(index), new AbortController().signal),
    { message: 'program 1 has ended with status 3' },
  );
  t.strictSame(begun, [0, 1]);
});

t.test('interrupted, it says nothing else', async (t) => {
  const controller = new AbortController();
  const reason = new Interrupted(130);
  await t.rejects(
    runJobs(await testMachine(), [{ name: 'for ever', command: ['sleep', 'infinity'] }], () => controller.abort(reason), controller.signal),
    reason,
  );
});
