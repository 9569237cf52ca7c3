/** A plot per figure, drawn by vega-lite. */

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Resvg } from '@resvg/resvg-js';
import * as vega from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { figureOf, type FigureKind } from './figures.ts';
import { clockNames, quantityOf } from './format.ts';
import { overheadsOf } from './overhead.ts';
import { rowOf, rows } from './rows.ts';
import type { Clock, Sample } from './sample.ts';
import { cellsOf, changesOf, clocksOf, quantilesOf, threadCellsOf } from './statistics.ts';

const font = 'DejaVu Sans';

/** The figure as SVG: a panel for each clock that it was measured with. */
export async function plot(samples: readonly Sample[], figure: number): Promise<string> {
  const { title, kind } = figureOf(figure);
  const spec: TopLevelSpec = {
    background: 'white',
    padding: 12,
    title: { text: `Figure ${figure}: ${title}`, anchor: 'start', fontSize: 16, offset: 14 },
    config: { font, axis: { labelFontSize: 12, titleFontSize: 12, titleFontWeight: 'normal', labelLimit: 300 }, legend: { labelFontSize: 12 }, view: { stroke: null } },
    vconcat: clocksOf(samples, figure).map((clock) => panels[kind](samples, figure, clock)),
    resolve: { legend: { color: 'shared' } },
  };
  return new vega.View(vega.parse(compile(spec).spec), { renderer: 'none' }).toSVG();
}

type Panel = Extract<TopLevelSpec, { vconcat: unknown }>['vconcat'][number];

const panels: Record<FigureKind, (samples: readonly Sample[], figure: number, clock: Clock) => Panel> = { times: timePanel, overheads: overheadPanel, threads: threadPanel, distribution: distributionPanel, memory: timePanel, operations: operationPanel };

/** Bars on a logarithmic axis, from the least that it shows; lines from the least to the most of the runs. */
function timePanel(samples: readonly Sample[], figure: number, clock: Clock): Panel {
  const { show, labelExpr } = quantityOf(figure, clock);
  const values = cellsOf(samples, figure, clock).map((cell) => ({ ...cell, label: rowOf(cell.row).label, text: show(cell.median) }));
  const from = 10 ** Math.floor(Math.log10(Math.min(...values.map(({ least }) => least)) / 2));
  const to = Math.max(...values.map(({ most }) => most)) * 4;
  const order = values.map(({ label }) => label);
  const y = { field: 'label', type: 'nominal', sort: order, title: null, axis: { ticks: false, domain: false } } as const;
  const x = { field: 'median', type: 'quantitative' as const, scale: { type: 'log' as const, domain: [from, to] }, title: axisTitle(figure, clock), axis: { labelExpr, values: decades(from, to) } };
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

/** What is on the axis: time, instructions or memory of what, by which clock. */
function axisTitle(figure: number, clock: Clock): string {
  const { iteration } = figureOf(figure);
  const { taken } = quantityOf(figure, clock);
  return taken === '' ? iteration : `${iteration}; ${taken}`;
}

function decades(from: number, to: number): number[] {
  const values: number[] = [];
  for (let value = from; value <= to; value *= 10) values.push(value);
  return values;
}

/** The colour of each row, and a legend below. */
function rowColors(ids: readonly string[]) {
  const present = rows.filter(({ id }) => ids.includes(id));
  const legend = { orient: 'bottom', columns: 2, labelLimit: 400, symbolType: 'circle' } as const;
  return { field: 'label', type: 'nominal', title: null, legend, scale: { domain: present.map(({ label }) => label), range: present.map(({ color }) => color) } } as const;
}

type Axis = { readonly field: string; readonly type: 'quantitative' };

/** A line for each row through its medians, and from the least to the most at each. */
function lineLayers(x: Axis, y: Axis, color: ReturnType<typeof rowColors>) {
  return [
    { mark: { type: 'rule' as const, strokeWidth: 1.5 }, encoding: { x, y: { ...y, field: 'least' }, y2: { field: 'most' }, color } },
    { mark: { type: 'line' as const, point: { size: 50 } }, encoding: { x, y, color } },
  ];
}

/** Lines over an axis that counts, both axes logarithmic. */
function lines(values: readonly { row: string; x: number; median: number; least: number; most: number }[], x: object, y: { title: string; labelExpr: string }): Panel {
  const up = { field: 'median', type: 'quantitative', scale: { type: 'log', nice: true }, title: y.title, axis: { labelExpr: y.labelExpr } } as const;
  const across = { field: 'x', type: 'quantitative', ...x } as const;
  const color = rowColors(values.map(({ row }) => row));
  return {
    width: 640,
    height: 320,
    data: { values: values.map((value) => ({ ...value, label: rowOf(value.row).label })) },
    layer: lineLayers(across, up, color),
  };
}

function threadPanel(samples: readonly Sample[], figure: number, clock: Clock): Panel {
  const values = threadCellsOf(samples, figure, clock).map((cell) => ({ ...cell, x: cell.threads }));
  const x = { scale: { type: 'log', nice: false, padding: 12 }, title: 'threads', axis: { format: '~s', values: [...new Set(values.map(({ threads }) => threads))] } };
  return lines(values, x, { title: axisTitle(figure, clock), labelExpr: quantityOf(figure, clock).labelExpr });
}

/** The share of the iterations that take at most so long. */
function distributionPanel(samples: readonly Sample[], figure: number, clock: Clock): Panel {
  const values = quantilesOf(samples, figure, clock).map((quantile) => ({ ...quantile, label: rowOf(quantile.row).label }));
  const x = { field: 'median', type: 'quantitative', scale: { type: 'log', nice: false, padding: 12 }, title: axisTitle(figure, clock), axis: { labelExpr: quantityOf(figure, clock).labelExpr } } as const;
  const y = { field: 'share', type: 'quantitative', title: 'share of the blocks', axis: { format: '~%' } } as const;
  const color = rowColors(values.map(({ row }) => row));
  return {
    width: 640,
    height: 320,
    data: { values },
    layer: [
      { mark: { type: 'rule', strokeWidth: 1.5 }, encoding: { y, x: { ...x, field: 'least' }, x2: { field: 'most' }, color } },
      { mark: { type: 'line', point: { size: 50 }, interpolate: 'monotone' }, encoding: { y, x, color, order: { field: 'share', type: 'quantitative' } } },
    ],
  };
}

const ticks = [3, 10, 30, 100, 300, 1000, 3000, 10_000];

/** A line for each row, over the compute time. */
function overheadPanel(samples: readonly Sample[], figure: number, clock: Clock): Panel {
  const values = overheadsOf(samples, figure, clock).map((overhead) => ({ ...overhead, label: rowOf(overhead.row).label }));
  const unit = clock === 'wall' ? 'µs' : 'thousand instructions';
  const x = { field: 'compute', type: 'quantitative', scale: { type: 'log', nice: false, padding: 12 }, title: `computing between two blocks, ${unit}`, axis: { format: '~r', values: ticks } } as const;
  const y = { field: 'median', type: 'quantitative', title: `overhead, %, ${clockNames[clock]}` } as const;
  const color = rowColors(values.map(({ row }) => row));
  return {
    width: 640,
    height: 320,
    data: { values },
    layer: [
      { mark: { type: 'rule', color: '#888888' }, encoding: { y: { datum: 0 } } },
      ...lineLayers(x, y, color),
    ],
  };
}

/** What the patch costs those who do not use it: a bar for each operation that both kernels have. */
function operationPanel(samples: readonly Sample[], figure: number, clock: Clock): Panel {
  const values = changesOf(samples, figure, clock).flatMap(({ operation, more, percent }) =>
    more === undefined || percent === undefined ? [] : [{ operation, percent, text: `${more < 0 ? '−' : '+'}${Math.abs(more).toFixed(1)}` }],
  );
  const y = { field: 'operation', type: 'nominal', sort: values.map(({ operation }) => operation), title: null, axis: { ticks: false, domain: false } } as const;
  const x = { field: 'percent', type: 'quantitative', title: `more on the patched kernel, % (numbers: instructions of ${figureOf(figure).iteration}); ${clockNames[clock]}` } as const;
  return {
    width: 640,
    height: { step: 26 },
    data: { values },
    layer: [
      { mark: { type: 'bar', height: 16, color: rowOf('patched').color }, encoding: { y, x } },
      { mark: { type: 'text', align: 'left', dx: 6, fontSize: 12 }, encoding: { y, x: { ...x, field: 'end' }, text: { field: 'text' } }, transform: [{ calculate: 'max(datum.percent, 0)', as: 'end' }] },
    ],
  };
}

const fonts = dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json'));

/** The same as pixels, two for each of the SVG's. */
export function png(svg: string): Buffer {
  const fontFiles = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((name) => join(fonts, 'ttf', name));
  return new Resvg(svg, { fitTo: { mode: 'zoom', value: 2 }, font: { fontFiles, loadSystemFonts: false, defaultFontFamily: font } }).render().asPng();
}
