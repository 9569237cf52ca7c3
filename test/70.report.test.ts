/** What `vpi bench` makes of samples: medians, overheads, goals, tables, plots, a page. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { allFigures, sessions } from '../bench/figures/plan.ts';
import { differencesOf } from '../bench/report/agreement.ts';
import { goalsOf } from '../bench/report/goals.ts';
import { figures } from '../bench/report/figures.ts';
import { overheadsOf } from '../bench/report/overhead.ts';
import { summary } from '../bench/report/page.ts';
import { plot, png } from '../bench/report/plot.ts';
import { rowOf, rows } from '../bench/report/rows.ts';
import { parseReport, type Report, type Sample } from '../bench/report/sample.ts';
import { cellsOf, changesOf, quantilesOf, spreadOf, threadCellsOf } from '../bench/report/statistics.ts';
import { printed, tableOf } from '../bench/report/table.ts';
import { writeReport } from '../bench/report/write.ts';

/** Runs of one row; `times` are nanoseconds of an iteration. */
function samplesOf(figure: number, row: string, times: number[], more: Partial<Sample> = {}): Sample[] {
  return times.map((time, run) => ({ figure, row, clock: 'wall', run, count: 10, nanoseconds: 10 * time, ...more }));
}

const machine = { kernel: 'Linux <6.12>', node: '24', accelerator: 'none', host: 'a test', date: '2026-01-01 00:00' };
const times: Sample[] = [...samplesOf(3, 'nptl', [4000, 2000, 3000]), ...samplesOf(3, 'vpithreads-1', [100, 90, 140]), ...samplesOf(3, 'go', [50, 50, 60])];
const sweep: Sample[] = [10, 1000].flatMap((compute) => {
  const at = { rounds: compute * 100, compute: compute * 1000 };
  return [...samplesOf(8, 'kernel', [1000 + compute * 1000], at), ...samplesOf(8, 'libvpi-both', [1110 + compute * 1000, 1100 + compute * 1000, 1090 + compute * 1000], at)];
});

const manyThreads: Sample[] = [...samplesOf(11, 'vpithreads-1', [100, 110, 120], { threads: 10 }), ...samplesOf(11, 'vpithreads-1', [190, 200, 230], { threads: 100_000 })];
const memory: Sample[] = [...samplesOf(14, 'vpithreads-1', [1e3, 1e3], { bytes: 3600 }), ...samplesOf(14, 'nptl', [1e5, 1e5], { bytes: 480_000 })];
const kernels: Sample[] = ([['patched', 'sched yield', 101], ['patched', 'read vp', 50], ['patched', 'vpi cycle', 90], ['unpatched', 'sched yield', 100]] as const).flatMap(([row, operation, instructions]) =>
  samplesOf(15, row, [instructions], { operation, clock: 'instructions' }),
);
const latencies: Sample[] = [1000, 3000, 2000].flatMap((time) => samplesOf(12, 'libvpi-blocked', [time], { quantiles: [0.1, 0.5, 0.9, 0.99, 0.999].map((share) => [share, time * (1 + share)]) }));

t.test('statistics', async (t) => {
  t.strictSame(spreadOf([3, 1, 2]), { median: 2, least: 1, most: 3 });
  t.strictSame(spreadOf([4, 1, 2, 3]), { median: 2.5, least: 1, most: 4 });
  t.strictSame(cellsOf(times, 3, 'wall').map(({ row, median }) => [row, median]), [['vpithreads-1', 100], ['nptl', 3000], ['go', 50]], 'in the order of rows, whatever that of the samples');
  t.strictSame(cellsOf(times, 3, 'instructions'), [], 'another clock has samples of its own');
  t.strictSame(threadCellsOf(manyThreads, 11, 'wall').map(({ threads, median }) => [threads, median]), [[10, 110], [100_000, 200]]);
  t.strictSame(cellsOf(memory, 14, 'wall').map(({ row, median }) => [row, median]), [['vpithreads-1', 360], ['nptl', 48_000]], 'where memory counts, it is that');
  t.match(changesOf(kernels, 15, 'instructions'), [{ operation: 'sched yield', more: 1 }, { operation: 'read vp', unpatched: undefined }, { operation: 'vpi cycle' }]);
  t.match(quantilesOf(latencies, 12, 'wall').find(({ share }) => share === 0.5), { row: 'libvpi-blocked', median: 3000, least: 1500, most: 4500 });
});

t.test('overhead is against the same program without VPI', async (t) => {
  const [short, long] = overheadsOf(sweep, 8, 'wall');
  t.match(short, { row: 'libvpi-both', compute: 10 });
  t.ok(Math.abs(short!.median - 100 * (100 / 11_000)) < 1e-9, String(short!.median));
  t.ok(Math.abs(long!.most - 100 * (110 / 1_001_000)) < 1e-9, String(long!.most));
  t.strictSame(overheadsOf(sweep.filter(({ row }) => row !== 'kernel'), 8, 'wall'), [], 'without that there is none');
});

t.test('goals', async (t) => {
  t.strictSame(goalsOf(times).map(({ what, met }) => [what, met]), [['Figure 3 against NPTL', true], ['Figure 3 against Go', false]]);
  t.strictSame(goalsOf(sweep).map(({ what, met }) => [what, met]), [['Figure 8, libvpi, from 100 µs of computing on', true], ['Figure 8, libvpi, from 1000 µs of computing on', true]]);
  t.strictSame(goalsOf(manyThreads).map(({ measured, met }) => [measured, met]), [['1.82 times', false]]);
  t.strictSame(goalsOf([...manyThreads, ...samplesOf(11, 'generators', [60], { threads: 10 })]).map(({ measured, met }) => [measured, met]), [['1.82 times', false], ['1.833 times', true]]);
  t.strictSame(goalsOf(memory).map(({ measured, met }) => [measured, met]), [['360 bytes', true]]);
  t.strictSame(goalsOf(kernels).map(({ what, measured, met }) => [what, measured, met]), [['Figure 15, sched_yield() of others', '+1.00 instructions', false]], 'what was not measured is no goal');
});

t.test('for people', async (t) => {
  const text = printed(tableOf(times, 3, 'wall'));
  t.match(text, /NPTL +│ +3 µs │ +2 µs … 4 µs │ +30 /);
  t.match(summary(times, 3), '30 times as fast as NPTL');
  t.match(summary(times, 3), '2 times as slow as Go');
  t.match(summary(manyThreads, 11), 'takes 110 ns among 10 and 1.82 times that among 100000');
  t.match(summary(latencies, 12), 'BLOCKED needs 3 µs half of the time, and at most 3.98 µs 99 times of 100');
  t.match(printed(tableOf(manyThreads, 11, 'wall')), /100000 │ 200 ns │ 190 ns … 230 ns │ +1\.82/);
  t.match(printed(tableOf(memory, 14, 'wall')), /^Figure 14: Memory of a thread that waits \(beyond the paper\)\n[^]*NPTL +│ +46\.9 KiB/, 'without a clock');
  t.match(summary(memory, 14), 'a thread of NPTL takes 46.9 KiB');
  t.match(printed(tableOf(kernels, 15, 'instructions')), /sched yield +│ +101\.0 │ +100\.0 │ \+1\.0 │ \+1\.00 %/);
  t.match(summary(kernels, 15), 'from 1.00 % to 1.00 % more');
  t.match(printed(tableOf(latencies, 12, 'wall')), /BLOCKED +│ 2\.2 µs │ +3 µs/);
});

t.test('every row has a label and a colour', async (t) => {
  t.equal(new Set(rows.map(({ id }) => id)).size, rows.length);
  for (const { label, color } of rows) t.match(color, /^#[0-9a-f]{6}$/, label);
  t.throws(() => rowOf('none'), { message: 'none: no such row' });
});

t.test('what is run is what can be shown', async (t) => {
  t.strictSame(figures.map(({ number }) => number), allFigures);
  const measured = sessions(allFigures, true, ['wall', 'instructions']).flatMap(({ clock, measurements }) => measurements.map(({ figure, row }) => ({ clock, figure, row })));
  for (const row of new Set(measured.map(({ row }) => row))) t.ok(rowOf(row), row);
  const clocks = (wanted: number) => [...new Set(measured.filter(({ figure }) => figure === wanted).map(({ clock }) => clock))];
  t.strictSame(clocks(3), ['wall', 'instructions']);
  t.strictSame(clocks(10), ['wall'], 'who waits for the host is not counted');
  t.match(await plot(samplesOf(10, 'promises', [3e6]), 10), 'fs.promises');
});

t.test('rows take turns', async (t) => {
  const [boot] = sessions([3], false, ['wall']);
  const turns = boot!.measurements.map(({ row, run }) => ({ row, run }));
  const all = [...new Set(turns.map(({ row }) => row))];
  t.ok(all.length >= 5);
  t.strictSame(turns, [0, 1, 2].flatMap((run) => all.map((row) => ({ row, run }))), 'all of them once, and then again');
});

t.test('a plot has all labels', async (t) => {
  const svg = await plot(times, 3);
  for (const { row } of cellsOf(times, 3, 'wall')) t.ok(svg.includes(rowOf(row).label), row);
  t.match(await plot(sweep, 8), 'computing between two blocks');
  t.match(await plot(manyThreads, 11), '>100k</text>');
  t.match(await plot(latencies, 12), 'share of the blocks');
  t.match(await plot(memory, 14), '>360 bytes</text>');
  t.match(await plot(kernels, 15), '>+1.0</text>');
  t.strictSame(png(svg).subarray(1, 4).toString(), 'PNG');
});

t.test('a report', async (t) => {
  const place = mkdtempSync(join(tmpdir(), 'vpi-report-'));
  t.teardown(() => rmSync(place, { recursive: true }));
  const directory = join(place, 'report');
  const report: Report = { machine, mode: 'quick', samples: [...times, ...sweep] };
  await writeReport(directory, report);
  t.strictSame(readdirSync(directory).sort(), ['figure-3.png', 'figure-3.svg', 'figure-8.png', 'figure-8.svg', 'index.html', 'samples.csv', 'samples.json']);
  t.strictSame(parseReport(readFileSync(join(directory, 'samples.json'), 'utf8')), report, 'its samples are all of it');
  const html = readFileSync(join(directory, 'index.html'), 'utf8');
  t.match(html, 'Linux &lt;6.12&gt;', 'what it is told is text');
  t.match(html, 'Not measured in this run: ', 'rows without samples are named');
  t.equal(readFileSync(join(directory, 'samples.csv'), 'utf8').split('\n').length, report.samples.length + 2);

  writeFileSync(join(directory, 'mark'), '');
  for (const wrong of [{ row: 'none' }, { nanoseconds: NaN }]) {
    await t.rejects(writeReport(directory, { ...report, samples: [...times, { ...times[0]!, ...wrong }] }), { message: /sample 9 is malformed/ });
  }
  t.ok(readdirSync(directory).includes('mark'), 'where a new one fails, the old one stays');
  t.strictSame(readdirSync(place), ['report'], 'and nothing half made beside it');
});

t.test('two reports', async (t) => {
  const counted = (time: number) => [...samplesOf(3, 'nptl', [time], { clock: 'instructions' }), ...samplesOf(11, 'go', [time], { clock: 'instructions', threads: 10 }), ...samplesOf(3, 'nptl', [time])];
  const found = differencesOf(counted(100), [...counted(104), ...samplesOf(4, 'nptl', [1], { clock: 'instructions' })], 'instructions');
  t.match(found, [{ figure: 3, what: 'nptl', first: 100, second: 104, tolerance: 3 }, { figure: 11, what: 'go, 10 threads' }], 'of what both have, by that clock');
  t.equal(found.length, 2);
  t.ok(Math.abs(found[0]!.percent - 4) < 1e-9, String(found[0]!.percent));
});

t.test('what is no report', async (t) => {
  t.throws(() => parseReport('{}'), { name: 'TypeError', message: /machine and samples are missing/ });
  const broken = { machine, mode: 'quick', samples: [{ ...times[0], clock: 'sun' }] };
  t.throws(() => parseReport(JSON.stringify(broken)), { name: 'TypeError', message: /sample 0 is malformed/ });
});
