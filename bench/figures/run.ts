/** `vpi bench [FIGURE...]`: reproduces figures of the paper: tables here, and a report to read. */

import { join, resolve } from 'node:path';
import { chosenMachine } from '../../docker/commands/machine.ts';
import { Interruption } from '../../docker/interruption.ts';
import { runSteps, type Step } from '../../docker/steps.ts';
import { clocks, type Clock, type Sample } from '../report/sample.ts';
import { clocksOf } from '../report/statistics.ts';
import { printed, tableOf } from '../report/table.ts';
import { writeReport } from '../report/write.ts';
import { runJobs } from './guest.ts';
import { kernelBoots, kernelFigure, kernelSamples } from './kernel.ts';
import { machineFacts } from './machine-facts.ts';
import { allFigures, paperFigures, sessions, type Measurement, type Session } from './plan.ts';

export interface BenchArguments {
  /** All rows, with more runs and by both clocks: for a report that is quoted. */
  full?: boolean;
  /** By this one alone. */
  clock?: Clock;
  /** Directory of the report. */
  output: string;
}

/** Returns the status to exit with. */
export async function runFigures(named: readonly string[], { full = false, clock, output }: BenchArguments): Promise<number> {
  const figures = named.length > 0 ? named.map(figureNamed) : full ? allFigures : paperFigures;
  const chosen: readonly Clock[] = clock !== undefined ? [clock] : full ? clocks : ['wall'];
  using interruption = new Interruption();
  const samples: Sample[] = [];
  const inGuest = sessions(figures, full, chosen).map((session): Step => ({
    title: session.title,
    run: async (progress) => void samples.push(...(await measure(session, progress, interruption.signal))),
  }));
  const exact = figures.includes(kernelFigure) ? kernelBoots.map((boot): Step => ({
    title: boot.title,
    run: async () => void samples.push(...(await kernelSamples(boot, interruption.signal))),
  })) : [];
  await runSteps([...inGuest, ...exact]);
  for (const figure of figures) for (const clock of clocksOf(samples, figure)) process.stdout.write(`\n${printed(tableOf(samples, figure, clock))}`);
  await writeReport(output, { machine: await machineFacts(), mode: full ? 'full' : 'quick', samples });
  process.stdout.write(`\nThe report: ${join(resolve(output), 'index.html')}\n`);
  return 0;
}

/** @throws {RangeError} there is no such figure */
function figureNamed(name: string): number {
  const figure = Number(name.replace(/^figure-?/, ''));
  if (!allFigures.includes(figure)) throw new RangeError(`${name}: no such figure; there are ${allFigures.join(', ')}`);
  return figure;
}

/** The samples of one boot. */
async function measure({ machine, clock, measurements }: Session, progress: (text: string) => void, signal: AbortSignal): Promise<Sample[]> {
  let begun: number | undefined;
  const onBegin = (index: number) => {
    // From the first program on: before that the kernel may have been built.
    begun ??= Date.now();
    progress(`${measurements[index]!.job.name}, ${index + 1} of ${measurements.length}${remaining(begun, index, measurements.length)}`);
  };
  const said = await runJobs(await chosenMachine(machine), measurements.map(({ job }) => job), onBegin, signal);
  return measurements.map((measurement, index) => ({ ...outcome(measurement, said[index]!), clock, run: measurement.run }));
}

/** How long the rest will take if it goes on like this. */
function remaining(begun: number, done: number, all: number): string {
  if (done === 0) return '';
  const seconds = Math.round(((Date.now() - begun) / done / 1000) * (all - done));
  return `, about ${Math.floor(seconds / 60)} min ${seconds % 60} s to go`;
}

/** What a program has printed, which names itself. */
function outcome({ figure, row, job }: Measurement, said: string): Omit<Sample, 'clock' | 'run'> {
  const sample = JSON.parse(said) as Omit<Sample, 'clock' | 'run'>;
  if (sample.figure !== figure || sample.row !== row || !(sample.nanoseconds > 0)) throw new Error(`${job.name} has printed ${said}`);
  return sample;
}
