/** What a program that measures one figure is told, and what it says: `PROGRAM FIGURE COUNT`, one line of JSON. */

import { writeSync } from 'node:fs';

export interface Arguments {
  figure: number;
  /** Iterations that are measured. */
  count: number;
  /** Iterations before, that are not, in each of `warmUpCalls` calls: as many in all, since V8 compiles what runs often. */
  warmUp: number;
}

/** V8 makes better code of what is called again than of a loop that goes on: a barrier needs a third less after ten calls than after one. */
export const warmUpCalls = 10;

/** Figure 7 is played so many times, with new threads: which of them share a CPU makes the half of it, and the kernel leaves them where they are. */
export const sets = 20;

/** A measured program's own result is wrong: then its time means nothing. */
export class WrongResult extends Error {
  override name = 'WrongResult';
}

/** @throws {RangeError} there is no such figure, or COUNT is no whole number from 1 on */
export function readArguments([figure, count]: string[], figures: readonly number[]): Arguments {
  if (!figures.includes(Number(figure))) throw new RangeError(`FIGURE must be one of ${figures.join(', ')}, not ${figure}`);
  const iterations = wholeNumber('COUNT', count);
  return { figure: Number(figure), count: iterations, warmUp: Math.ceil(iterations / warmUpCalls) };
}

/** @throws {RangeError} `text` is no whole number from 1 on */
export function wholeNumber(name: string, text: string | undefined): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`${name} must be a whole number from 1 on, not ${text}`);
  return value;
}

export function check(holds: boolean, what: string): void {
  if (!holds) throw new WrongResult(what);
}

/** What was measured; `extra` is what else the figure has to know. */
export function report(row: string, { figure, count }: Pick<Arguments, 'figure' | 'count'>, milliseconds: number, extra: object = {}): void {
  writeSync(1, `${JSON.stringify({ figure, row, count, nanoseconds: Math.round(milliseconds * 1e6), ...extra })}\n`);
}
