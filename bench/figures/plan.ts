/** What is run, in which machine, in which order. */

import type { MachineArguments } from '../../docker/commands/machine.ts';
import type { Clock } from '../report/sample.ts';
import type { Job } from './guest.ts';
import { allRounds, availablePrograms, fewestBlocks, isInJavaScript, notificationPrograms, switchPrograms, threadCounts, workOf, type NotificationProgram, type Program } from './programs.ts';

/** One boot, and what is measured in it. */
export interface Session {
  title: string;
  clock: Clock;
  machine: MachineArguments;
  measurements: Measurement[];
}

export interface Measurement {
  figure: number;
  row: string;
  run: number;
  job: Job;
}

export const paperFigures: readonly number[] = [3, 4, 5, 6, 7, 8, 9];
/** With what goes beyond the paper. */
export const allFigures: readonly number[] = [...paperFigures, 10, 11, 12, 13, 14, 15];
/** Who waits for the host in 10 would, on the instruction clock, be told the time of the next timer; 14 is no time. */
const byWallOnly: readonly number[] = [10, 14];

/** `full`: all rows, with more runs. */
export function sessions(figures: readonly number[], full: boolean, clocks: readonly Clock[]): Session[] {
  return clocks.flatMap((clock) => (clock === 'wall' ? [byWall(figures, full)] : byInstructions(figures, full))).filter(isSomething);
}

const memory = '2048M';

function byWall(figures: readonly number[], full: boolean): Session {
  return { title: 'wall clock, 2 virtual CPUs', clock: 'wall', machine: { smp: 2, memory }, measurements: measurements(figures, full ? 7 : 3, full) };
}

/** Instructions of two CPUs are counted one after the other, so two are only where the figure needs them. */
function byInstructions(figures: readonly number[], full: boolean): Session[] {
  const countable = figures.filter((figure) => !byWallOnly.includes(figure));
  const on = (smp: number, figures: number[]): Session => ({
    title: `instruction clock, ${smp} virtual CPU${smp > 1 ? 's' : ''}`,
    clock: 'instructions',
    machine: { smp, memory, icount: true },
    measurements: measurements(figures, full ? 5 : 3, full).filter(({ row }) => smp > 1 || row !== 'vpithreads-2'),
  });
  return [on(1, countable.filter((figure) => figure !== 7)), on(2, countable.filter((figure) => figure === 7))];
}

function isSomething({ measurements }: Session): boolean {
  return measurements.length > 0;
}

/** The rows of a figure in turn, so that what disturbs one disturbs all. */
function measurements(figures: readonly number[], runs: number, full: boolean): Measurement[] {
  return figures.flatMap((figure) => {
    const one = figure in workOf ? sweep(figure, full) : figure === 11 ? switchSweep() : times(figure, full);
    return Array.from({ length: runs }, (_, run) => one.map((measurement) => ({ ...measurement, run }))).flat();
  });
}

type Once = Omit<Measurement, 'run'>;

/** Not in a quick run: V8 takes long until a hand-over between isolates, which nobody should do so often, is compiled. */
const isSlow = (figure: number, row: string) => row === 'vpithreads-2' && [4, 5, 6].includes(figure);

function times(figure: number, full: boolean): Once[] {
  const programs = availablePrograms().filter(({ row, counts }) => figure in counts && (full || !isSlow(figure, row)));
  return programs.map((program) => timeOf(program, figure));
}

function timeOf({ row, command, args = [], counts }: Program, figure: number): Once {
  return { figure, row, job: { name: `figure ${figure}, ${row}`, command: [...command, String(figure), String(counts[figure]), ...args] } };
}

/** The number of threads swept. */
function switchSweep(): Once[] {
  return threadCounts.flatMap((threads) =>
    switchPrograms().map(({ row, command }): Once => {
      const count = Math.max(300_000, 5 * threads);
      return { figure: 11, row, job: { name: `figure 11, ${row}, ${threads} threads`, command: [...command, '11', String(count), String(threads)] } };
    }),
  );
}

/**
 * The compute time swept. In JavaScript, where each pair may take an isolate, at every other one; in a quick run so in C, too,
 * and in JavaScript one pair at the last.
 */
function sweep(figure: number, full: boolean): Once[] {
  const few = allRounds.filter((_, index) => index % 2 === 0);
  const isChosen = (rounds: number, program: NotificationProgram) => {
    if (!isInJavaScript(program)) return full || few.includes(rounds);
    return full ? few.includes(rounds) : figure === 8 && rounds === few.at(-1);
  };
  return allRounds.flatMap((rounds) => notificationPrograms.filter((program) => isChosen(rounds, program)).map((program) => overheadOf(program, figure, rounds)));
}

function overheadOf(program: NotificationProgram, figure: number, rounds: number): Once {
  const { row, command, mask } = program;
  const work = workOf[figure]![isInJavaScript(program) ? 'inJavaScript' : 'inC'];
  const blocks = Math.max(fewestBlocks[figure]!, Math.round(work / rounds));
  return { figure, row, job: { name: `figure ${figure}, ${row}, ${rounds} rounds`, command: [...command, String(figure), String(rounds), String(blocks), mask] } };
}
