/** A table per figure, for the terminal and for the page. */

import Table from 'cli-table3';
import { clockNames, instructions, time } from './format.ts';
import { figureOf, isOverhead } from './figures.ts';
import { overheadsOf } from './overhead.ts';
import { rowOf } from './rows.ts';
import type { Clock, Sample } from './sample.ts';
import { cellsOf } from './statistics.ts';

export interface FigureTable {
  title: string;
  head: string[];
  rows: string[][];
}

export function tableOf(samples: readonly Sample[], figure: number, clock: Clock): FigureTable {
  const { title, iteration } = figureOf(figure);
  const heading = `Figure ${figure}: ${title}, ${clockNames[clock]}`;
  return isOverhead(figure) ? { title: heading, ...overheadTable(samples, figure, clock) } : { title: heading, ...timeTable(samples, figure, clock, iteration) };
}

function timeTable(samples: readonly Sample[], figure: number, clock: Clock, iteration: string): Omit<FigureTable, 'title'> {
  const cells = cellsOf(samples, figure, clock);
  const base = cells.find(({ row }) => row === 'vpithreads-1')?.median;
  const show = clock === 'wall' ? time : instructions;
  const rows = cells.map(({ row, median, least, most }) => [rowOf(row).label, show(median), `${show(least)} … ${show(most)}`, base === undefined ? '' : `${Number((median / base).toPrecision(3))}`]);
  return { head: [iteration, clock === 'wall' ? 'median' : 'instructions', 'least … most', '× VPIthreads'], rows };
}

function overheadTable(samples: readonly Sample[], figure: number, clock: Clock): Omit<FigureTable, 'title'> {
  const percent = (value: number) => `${value.toFixed(1)} %`;
  const unit = clock === 'wall' ? time : (value: number) => `${instructions(value)} instr.`;
  const rows = overheadsOf(samples, figure, clock).map(({ row, compute, median, least, most }) => [rowOf(row).label, unit(compute * 1000), percent(median), `${percent(least)} … ${percent(most)}`]);
  return { head: ['', 'computing between blocks', 'overhead', 'least … most'], rows };
}

export function printed({ title, head, rows }: FigureTable): string {
  const table = new Table({ head, style: { head: [], border: [], compact: true }, colAligns: head.map((_, index) => (index === 0 ? 'left' : 'right')) });
  table.push(...rows);
  return `${title}\n${table.toString()}\n`;
}
