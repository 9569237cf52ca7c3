/** A table per figure, for the terminal and for the page. */

import Table from 'cli-table3';
import { instructions, quantityOf, signed, time } from './format.ts';
import { figureOf, type FigureKind } from './figures.ts';
import { overheadsOf } from './overhead.ts';
import { rowOf } from './rows.ts';
import type { Clock, Sample } from './sample.ts';
import { cellsOf, changesOf, quantilesOf, threadCellsOf } from './statistics.ts';

export interface FigureTable {
  title: string;
  head: string[];
  rows: string[][];
}

export function tableOf(samples: readonly Sample[], figure: number, clock: Clock): FigureTable {
  const { title, kind } = figureOf(figure);
  const { taken } = quantityOf(figure, clock);
  return { title: [`Figure ${figure}: ${title}`, taken].filter(Boolean).join(', '), ...makers[kind](samples, figure, clock) };
}

type Maker = (samples: readonly Sample[], figure: number, clock: Clock) => Omit<FigureTable, 'title'>;

const makers: Record<FigureKind, Maker> = { times: timeTable, overheads: overheadTable, threads: threadTable, distribution: distributionTable, memory: timeTable, operations: operationTable };

function timeTable(...[samples, figure, clock]: Parameters<Maker>): ReturnType<Maker> {
  const { iteration } = figureOf(figure);
  const cells = cellsOf(samples, figure, clock);
  const base = cells.find(({ row }) => row === 'vpithreads-1')?.median;
  const { show, head } = quantityOf(figure, clock);
  const rows = cells.map(({ row, median, least, most }) => [rowOf(row).label, show(median), `${show(least)} … ${show(most)}`, base === undefined ? '' : `${Number((median / base).toPrecision(3))}`]);
  return { head: [iteration, head, 'least … most', '× VPIthreads'], rows };
}

function overheadTable(...[samples, figure, clock]: Parameters<Maker>): ReturnType<Maker> {
  const percent = (value: number) => `${value.toFixed(1)} %`;
  const unit = clock === 'wall' ? time : (value: number) => `${instructions(value)} instr.`;
  const rows = overheadsOf(samples, figure, clock).map(({ row, compute, median, least, most }) => [rowOf(row).label, unit(compute * 1000), percent(median), `${percent(least)} … ${percent(most)}`]);
  return { head: ['', 'computing between blocks', 'overhead', 'least … most'], rows };
}

function threadTable(...[samples, figure, clock]: Parameters<Maker>): ReturnType<Maker> {
  const cells = threadCellsOf(samples, figure, clock);
  const { show, head } = quantityOf(figure, clock);
  const first = (row: string) => cells.find((cell) => cell.row === row)!.median;
  const rows = cells.map(({ row, threads, median, least, most }) => [rowOf(row).label, String(threads), show(median), `${show(least)} … ${show(most)}`, `${Number((median / first(row)).toPrecision(3))}`]);
  return { head: [figureOf(figure).iteration, 'threads', head, 'least … most', '× fewest'], rows };
}

const shownShares = [0.1, 0.5, 0.9, 0.99, 0.999];

function distributionTable(...[samples, figure, clock]: Parameters<Maker>): ReturnType<Maker> {
  const all = quantilesOf(samples, figure, clock);
  const { show } = quantityOf(figure, clock);
  const ids = [...new Set(all.map(({ row }) => row))];
  const rows = ids.map((id) => [rowOf(id).label, ...shownShares.map((share) => show(all.find((quantile) => quantile.row === id && quantile.share === share)!.median))]);
  return { head: [`${figureOf(figure).iteration}, at most`, ...shownShares.map((share) => `${Number((100 * share).toPrecision(3))} %`)], rows };
}

function operationTable(...[samples, figure, clock]: Parameters<Maker>): ReturnType<Maker> {
  const rows = changesOf(samples, figure, clock).map(({ operation, patched, unpatched, more, percent }) => [
    operation,
    patched.toFixed(1),
    unpatched?.toFixed(1) ?? '',
    more === undefined ? '' : signed(more, 1),
    percent === undefined ? '' : `${signed(percent, 2)} %`,
  ]);
  return { head: [`${figureOf(figure).iteration}, ${quantityOf(figure, clock).head}`, 'patched', 'unpatched', 'more', ''], rows };
}

export function printed({ title, head, rows }: FigureTable): string {
  const table = new Table({ head, style: { head: [], border: [], compact: true }, colAligns: head.map((_, index) => (index === 0 ? 'left' : 'right')) });
  table.push(...rows);
  return `${title}\n${table.toString()}\n`;
}
