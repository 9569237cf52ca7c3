/** The report as one page, to be read from top to bottom. */

import { figureOf, figures, type Figure, type FigureKind } from './figures.ts';
import { clockNames, instructions, quantityOf, time } from './format.ts';
import { goalsOf } from './goals.ts';
import { rows } from './rows.ts';
import type { Clock, Report, Sample } from './sample.ts';
import { cellsOf, changesOf, clocksOf, quantilesOf, threadCellsOf } from './statistics.ts';
import { overheadsOf } from './overhead.ts';
import { rowOf } from './rows.ts';
import { tableOf, type FigureTable } from './table.ts';

/** `plots`: the SVG of each figure, by its number. */
export function page(report: Report, plots: ReadonlyMap<number, string>): string {
  const shown = figures.filter(({ number }) => plots.has(number));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>The Virtual Processor Interface, measured</title>
<style>${style}</style>
</head>
<body>
<h1>The Virtual Processor Interface, measured</h1>
${introduction(report)}
${shown.map((figure) => section(report.samples, figure, plots.get(figure.number)!)).join('\n')}
${goalSection(report.samples)}
${systems(report.samples)}
</body>
</html>
`;
}

const style = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2 { line-height: 1.2; }
h2 { margin-top: 3rem; }
figure { margin: 1rem 0; background: white; border-radius: 6px; overflow-x: auto; }
figure svg { max-width: 100%; height: auto; display: block; }
table { border-collapse: collapse; margin: 1rem 0; font-size: 0.9rem; }
caption { text-align: left; font-weight: bold; padding: 0.3rem 0; }
th, td { padding: 0.2rem 0.9rem 0.2rem 0; text-align: right; border-bottom: 1px solid #8884; font-variant-numeric: tabular-nums; }
th:first-child, td:first-child { text-align: left; }
.missed { color: #c0392b; font-weight: bold; }
@media print { h2 { break-before: page; } }
`;

function introduction({ machine, mode, samples }: Report): string {
  const runs = Math.max(...samples.map(({ run }) => run)) + 1;
  const clocks = [...new Set(samples.map(({ clock }) => clock))];
  const told = {
    wall: 'The <b>wall clock</b> of an emulated machine: each instruction costs ten to fifty times what it does on the machine below, and not the same for all. Ratios between rows of a figure mean something; times do not.',
    instructions: 'The <b>instruction clock</b> counts the instructions that the guest executes, of programs and kernel together, whatever the host is doing. It is the same from boot to boot to within a few per cent. It knows no caches: it counts user code high and kernel entries low.',
  };
  return `<p>The experiments of section 6 of <i>The Virtual Processor Interface: Linux Kernel Support for User-level Thread Systems</i>, on ${escaped(machine.kernel)} with VPI, Node ${escaped(machine.node)}, in a virtual machine (${escaped(machine.accelerator)}) on ${escaped(machine.host)}, ${escaped(machine.date)}.</p>
<p>All rows of a figure ran in the same boot, in turn: ${runs} runs of each or more, after a warm-up: a tenth of the iterations in C and Go, as many as are measured in JavaScript, in ten calls, since V8 has to compile it first (in figures 8 and 9 as many blocks as that takes). Bars are medians; lines reach from the least to the most. Every program checks its own result, and a wrong one ends the measurement.</p>
${clocks.map((clock) => `<p>${told[clock]}</p>`).join('\n')}
${mode === 'quick' ? '<p>This is a quick run: few runs, one clock, and without the rows that take longest: VPIthreads on two processors in figures 4 to 6, and most of what is JavaScript in figures 8 and 9. <code>vpi bench --full</code> makes the report to quote.</p>' : ''}`;
}

function section(samples: readonly Sample[], figure: Figure, svg: string): string {
  const { number, title, workload, remark } = figure;
  const tables = clocksOf(samples, number).map((clock) => htmlTable(tableOf(samples, number, clock)));
  return `<h2 id="figure-${number}">Figure ${number}: ${title}</h2>
<p>${escaped(workload)}</p>
<figure>${svg}</figure>
<p>${escaped(summary(samples, number))}</p>
<p>${escaped(remark)}</p>
${tables.join('\n')}`;
}

/** How VPIthreads compares, in words. */
export function summary(samples: readonly Sample[], figure: number): string {
  return clocksOf(samples, figure)
    .map((clock) => `${quantityOf(figure, clock).taken === '' ? 'In this run' : `By the ${clockNames[clock]}`}, ${sentences[figureOf(figure).kind](samples, figure, clock)}.`)
    .join(' ');
}

const sentences: Record<FigureKind, (...args: Parameters<typeof cellsOf>) => string> = { times: timeSentence, overheads: overheadSentence, threads: threadSentence, distribution: distributionSentence, memory: memorySentence, operations: operationSentence };

function timeSentence(...[samples, figure, clock]: Parameters<typeof cellsOf>): string {
  const cells = cellsOf(samples, figure, clock);
  const own = cells.find(({ row }) => row === (figure === 7 ? 'vpithreads-2' : 'vpithreads-1'));
  if (own === undefined) return 'VPIthreads was not measured';
  const others = cells.filter(({ row }) => !row.startsWith('vpithreads'));
  const compared = others.map(({ row, median }) => {
    const times = median / own.median;
    return `${Number(Math.max(times, 1 / times).toPrecision(2))} times as ${times >= 1 ? 'fast' : 'slow'} as ${rowOf(row).label}`;
  });
  return `${rowOf(own.row).label} is ${listed(compared)}`;
}

function overheadSentence(...[samples, figure, clock]: Parameters<typeof overheadsOf>): string {
  const all = overheadsOf(samples, figure, clock);
  const ids = [...new Set(all.map(({ row }) => row))];
  const told = ids.map((id) => {
    const own = all.filter(({ row }) => row === id);
    return `${rowOf(id).label} costs ${own[0]!.median.toFixed(1)} % at ${own[0]!.compute.toPrecision(2)} and ${own.at(-1)!.median.toFixed(1)} % at ${own.at(-1)!.compute.toPrecision(2)}`;
  });
  return `${listed(told)} ${clock === 'wall' ? 'µs' : 'thousand instructions'} of computing`;
}

/** As it stands in a sentence. */
function shownBy(clock: Clock): (value: number) => string {
  return clock === 'wall' ? time : (count) => `${instructions(count)} instructions`;
}

function threadSentence(...[samples, figure, clock]: Parameters<typeof cellsOf>): string {
  const cells = threadCellsOf(samples, figure, clock);
  const ids = [...new Set(cells.map(({ row }) => row))];
  const show = shownBy(clock);
  return listed(
    ids.map((id) => {
      const own = cells.filter(({ row }) => row === id);
      const [fewest, most] = [own[0]!, own.at(-1)!];
      return `a switch of ${rowOf(id).label} takes ${show(fewest.median)} among ${fewest.threads} and ${Number((most.median / fewest.median).toPrecision(3))} times that among ${most.threads}`;
    }),
  );
}

function distributionSentence(...[samples, figure, clock]: Parameters<typeof cellsOf>): string {
  const show = shownBy(clock);
  const all = quantilesOf(samples, figure, clock);
  const at = (id: string, wanted: number) => show(all.find(({ row, share }) => row === id && share === wanted)!.median);
  return listed([...new Set(all.map(({ row }) => row))].map((id) => `${rowOf(id).label} needs ${at(id, 0.5)} half of the time, and at most ${at(id, 0.99)} 99 times of 100`));
}

function memorySentence(...[samples, figure, clock]: Parameters<typeof cellsOf>): string {
  const { show } = quantityOf(figure, clock);
  return listed(cellsOf(samples, figure, clock).map(({ row, median }) => `a thread of ${rowOf(row).label} takes ${show(median)}`));
}

function operationSentence(...[samples, figure, clock]: Parameters<typeof changesOf>): string {
  const percents = changesOf(samples, figure, clock).flatMap(({ percent }) => percent ?? []);
  if (percents.length === 0) return 'the kernels were not compared';
  return `the patched kernel needs from ${Math.min(...percents).toFixed(2)} % to ${Math.max(...percents).toFixed(2)} % more for what is not about VPI`;
}

function listed(parts: readonly string[]): string {
  return new Intl.ListFormat('en').format(parts);
}

function goalSection(samples: readonly Sample[]): string {
  const goals = goalsOf(samples);
  if (goals.length === 0) return '';
  const body = goals.map(({ what, clock, goal, measured, met }) => `<tr><td>${escaped(what)}</td><td>${clockNames[clock]}</td><td>${escaped(goal)}</td><td>${escaped(measured)}</td><td${met ? '>met' : ' class="missed">missed'}</td></tr>`);
  return `<h2 id="goals">Goals</h2>
<table><thead><tr><th>what</th><th>clock</th><th>goal</th><th>measured</th><th></th></tr></thead><tbody>
${body.join('\n')}
</tbody></table>`;
}

/** What the rows are, and which were not there. */
function systems(samples: readonly Sample[]): string {
  const measured = new Set(samples.map(({ row }) => row));
  const notes = rows.flatMap(({ id, label, note }) => (measured.has(id) && note !== undefined ? [`<li><b>${escaped(label)}</b>: ${escaped(note)}</li>`] : []));
  const missing = rows.filter(({ id }) => !measured.has(id)).map(({ label }) => label);
  const left = missing.length > 0 ? `<p>Not measured in this run: ${escaped(listed(missing))}.</p>` : '';
  return `<h2 id="systems">The systems</h2>
<ul>${notes.join('\n')}</ul>
${left}`;
}

function htmlTable({ title, head, rows }: FigureTable): string {
  const line = (tag: string, cells: readonly string[]) => `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  return `<table><caption>${escaped(title)}</caption><thead>${line('th', head)}</thead><tbody>
${rows.map((row) => line('td', row)).join('\n')}
</tbody></table>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
