/** Quantities as people read them. */

import { figureOf } from './figures.ts';
import type { Clock } from './sample.ts';

const units = [
  [1e9, 's'],
  [1e6, 'ms'],
  [1e3, 'µs'],
  [0, 'ns'],
] as const;

/** Three digits and a unit. */
export function time(nanoseconds: number): string {
  const [size, unit] = units.find(([size]) => nanoseconds >= size) ?? [1, 'ns'];
  return `${Number((nanoseconds / (size || 1)).toPrecision(3))} ${unit}`;
}

/** On the instruction clock a nanosecond is an instruction. */
export function instructions(count: number): string {
  const [size, unit] = count >= 1e6 ? [1e6, ' M'] : count >= 1e4 ? [1e3, ' k'] : [1, ''];
  return `${Number((count / size).toPrecision(3))}${unit}`;
}

/** With its sign, also where it is a plus. */
export function signed(value: number, digits: number): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(digits)}`;
}

function memory(bytes: number): string {
  const [size, unit] = bytes >= 2 ** 20 ? [2 ** 20, 'MiB'] : bytes >= 2 ** 10 ? [2 ** 10, 'KiB'] : [1, 'bytes'];
  return `${Number((bytes / size).toPrecision(3))} ${unit}`;
}

export const clockNames = { wall: 'wall clock', instructions: 'instruction clock' } as const;

/** What a figure measures. */
export interface Quantity {
  /** As the head of a column. */
  head: string;
  /** How it was taken, for titles; empty where there is nothing to be said. */
  taken: string;
  show: (value: number) => string;
  /** For labels of an axis, as vega has it. */
  labelExpr: string;
}

const times: Record<Clock, Quantity> = {
  wall: {
    head: 'median',
    taken: clockNames.wall,
    show: time,
    labelExpr: "datum.value >= 1e9 ? datum.value / 1e9 + ' s' : datum.value >= 1e6 ? datum.value / 1e6 + ' ms' : datum.value >= 1e3 ? datum.value / 1e3 + ' µs' : datum.value + ' ns'",
  },
  instructions: { head: 'instructions', taken: clockNames.instructions, show: instructions, labelExpr: "format(datum.value, '~s')" },
};

const bytes: Quantity = { head: 'median', taken: '', show: memory, labelExpr: "datum.value >= 1e6 ? datum.value / 1e6 + ' MB' : datum.value >= 1e3 ? datum.value / 1e3 + ' kB' : datum.value + ' bytes'" };

export function quantityOf(figure: number, clock: Clock): Quantity {
  return figureOf(figure).kind === 'memory' ? bytes : times[clock];
}
