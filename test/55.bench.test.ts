/** The programs that `vpi bench` runs: each checks its own result, and says what it has measured. A few iterations only. */

import t from 'tap';
import { runJobs } from '../bench/figures/guest.ts';
import { availablePrograms, notificationPrograms, switchPrograms } from '../bench/figures/programs.ts';
import { testMachine } from './vm.ts';

/** Enough for a warm-up, and for each thread to wait; of Workers that are created only two, since each takes a second. */
const count = 40;

const times = availablePrograms().flatMap(({ row, command, args = [], counts }) =>
  Object.keys(counts).map((figure) => ({ figure: Number(figure), row, command: [...command, figure, String(row === 'workers' && ['3', '14'].includes(figure) ? 2 : count), ...args] })),
);
/** Of JavaScript's with 16 pairs only one, since each pair takes a Worker or two. */
const isShown = (figure: number, row: string) => figure === 8 || !/js$|-blocked$/.test(row) || row.startsWith('libvpi');
const overheads = [8, 9].flatMap((figure) =>
  notificationPrograms.filter(({ row }) => isShown(figure, row)).map(({ row, command, mask }) => ({ figure, row, command: [...command, String(figure), '100', '64', mask] })),
);
const switches = switchPrograms().map(({ row, command }) => ({ figure: 11, row, command: [...command, '11', '64', '16'] }));
const all = [...times, ...overheads, ...switches];

t.ok(['nptl', 'linuxthreads', 'vpithreads-1', 'vpithreads-2', 'workers', 'async'].every((row) => all.some((program) => program.row === row)), 'what can be built anywhere is there');

const names = all.map(({ figure, row }) => `figure ${figure}, ${row}`);
const said = await runJobs(await testMachine(), all.map(({ command }, index) => ({ name: names[index]!, command })), () => {}, new AbortController().signal);
for (const [index, { figure, row }] of all.entries()) {
  const sample = JSON.parse(said[index] || '{}') as { nanoseconds?: number };
  t.match(sample, { figure, row, count: Number }, names[index]!);
  t.ok(sample.nanoseconds! > 0);
}
