/** A plot per figure, drawn by vega-lite. */

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Resvg } from '@resvg/resvg-js';
import * as vega from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { figureOf, isOverhead } from './figures.ts';
import { clockNames, instructions, time } from './format.ts';
import { overheadsOf } from './overhead.ts';
import { rowOf, rows } from './rows.ts';
import type { Clock, Sample } from './sample.ts';
import { cellsOf, clocksOf } from './statistics.ts';

const font = 'DejaVu Sans';

/** The figure as SVG: a panel for each clock that it was measured with. */
export async function plot(samples: readonly Sample[], figure: number): Promise<string> {
  const panel = isOverhead(figure) ? overheadPanel : timePanel;
  const { title } = figureOf(figure);
  const spec: TopLevelSpec = {
    background: 'white',
    padding: 12,
    title: { text: `Figure ${figure}: ${title}`, anchor: 'start', fontSize: 16, offset: 14 },
    config: { font, axis: { labelFontSize: 12, titleFontSize: 12, titleFontWeight: 'normal', labelLimit: 300 }, legend: { labelFontSize: 12 }, view: { stroke: null } },
    vconcat: clocksOf(samples, figure).map((clock) => panel(samples, figure, clock)),
    resolve: { legend: { color: 'shared' } },
  };
  return new vega.View(vega.parse(compile(spec).spec), { renderer: 'none' }).toSVG();
}

type Panel = Extract<TopLevelSpec, { vconcat: unknown }>['vconcat'][number];

/** Bars on a logarithmic axis, from the least that it shows; lines from the least to the most of the runs. */
function timePanel(samples: readonly Sample[], figure: number, clock: Clock): Panel {
  const show = clock === 'wall' ? time : instructions;
  const values = cellsOf(samples, figure, clock).map((cell) => ({ ...cell, label: rowOf(cell.row).label, text: show(cell.median) }));
  const from = 10 ** Math.floor(Math.log10(Math.min(...values.map(({ least }) => least)) / 2));
  const to = Math.max(...values.map(({ most }) => most)) * 4;
  const order = values.map(({ label }) => label);
  const y = { field: 'label', type: 'nominal', sort: order, title: null, axis: { ticks: false, domain: false } } as const;
  const unit = clock === 'wall' ? 'time' : 'instructions';
  const labelExpr = clock === 'wall' ? "datum.value >= 1e9 ? datum.value / 1e9 + ' s' : datum.value >= 1e6 ? datum.value / 1e6 + ' ms' : datum.value >= 1e3 ? datum.value / 1e3 + ' µs' : datum.value + ' ns'" : "format(datum.value, '~s')";
  const x = { field: 'median', type: 'quantitative' as const, scale: { type: 'log' as const, domain: [from, to] }, title: `${unit} of ${figureOf(figure).iteration}; ${clockNames[clock]}`, axis: { labelExpr, values: decades(from, to) } };
  const color = { field: 'label', type: 'nominal', scale: { domain: order, range: values.map(({ row }) => rowOf(row).color) }, legend: null } as const;
  return {
    width: 640,
    height: { step: 26 },
    data: { values: values.map((value) => ({ ...value, from })) },
    layer: [
      { mark: { type: 'bar', height: 16 }, encoding: { y, x, x2: { field: 'from' }, color } },
      { mark: { type: 'rule', color: '#222222', strokeWidth: 1.5 }, encoding: { y, x: { ...x, field: 'least' }, x2: { field: 'most' } } },
      { mark: { type: 'text', align: 'left', dx: 6, fontSize: 12 }, encoding: { y, x: { ...x, field: 'most' }, text: { field: 'text' } } },
    ],
  };
}

function decades(from: number, to: number): number[] {
  const values: number[] = [];
  for (let value = from; value <= to; value *= 10) values.push(value);
  return values;
}

const ticks = [3, 10, 30, 100, 300, 1000, 3000, 10_000];

/** A line for each row, over the compute time. */
function overheadPanel(samples: readonly Sample[], figure: number, clock: Clock): Panel {
  const values = overheadsOf(samples, figure, clock).map((overhead) => ({ ...overhead, label: rowOf(overhead.row).label }));
  const present = rows.filter(({ id }) => values.some(({ row }) => row === id));
  const unit = clock === 'wall' ? 'µs' : 'thousand instructions';
  const x = { field: 'compute', type: 'quantitative', scale: { type: 'log', nice: false, padding: 12 }, title: `computing between two blocks, ${unit}`, axis: { format: '~r', values: ticks } } as const;
  const y = { field: 'median', type: 'quantitative', title: `overhead, %, ${clockNames[clock]}` } as const;
  const color = { field: 'label', type: 'nominal', title: null, legend: { orient: 'bottom', columns: 2, labelLimit: 400, symbolType: 'circle' }, scale: { domain: present.map(({ label }) => label), range: present.map(({ color }) => color) } } as const;
  return {
    width: 640,
    height: 320,
    data: { values },
    layer: [
      { mark: { type: 'rule', color: '#888888' }, encoding: { y: { datum: 0 } } },
      { mark: { type: 'rule', strokeWidth: 1.5 }, encoding: { x, y: { ...y, field: 'least' }, y2: { field: 'most' }, color } },
      { mark: { type: 'line', point: { size: 50 } }, encoding: { x, y, color } },
    ],
  };
}

const fonts = dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json'));

/** The same as pixels, two for each of the SVG's. */
export function png(svg: string): Buffer {
  const fontFiles = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((name) => join(fonts, 'ttf', name));
  return new Resvg(svg, { fitTo: { mode: 'zoom', value: 2 }, font: { fontFiles, loadSystemFonts: false, defaultFontFamily: font } }).render().asPng();
}
