/** Instructions of a few operations, in one boot of a VM whose clock counts them. */

import { join } from 'node:path';
import { nodeProgram } from '../../docker/addon.ts';
import { chosenMachine } from '../../docker/commands/machine.ts';
import { packageRoot } from '../../docker/tree.ts';
import { runJobs, type Job } from '../figures/guest.ts';
import { kernelRows } from '../kernel/exact.ts';
import { spreadOf } from '../report/statistics.ts';

const runs = 3;

/** Of VPIthreads: figures of the paper, and how many iterations. V8 has compiled all long before half of them are done. */
const workloads: Readonly<Record<string, [figure: number, count: number]>> = {
  'threads: create and join': [3, 200_000],
  'threads: signal and wait': [4, 200_000],
  'threads: barrier of 32': [5, 6000],
  'threads: ping-pong': [6, 150_000],
};

const kernel: Job = { name: 'kernel and libc', command: [join(packageRoot, 'build/native/bench/vpi-kernel-bench'), '-r', String(runs)] };

function job(name: string): Job {
  const [figure, count] = workloads[name]!;
  return { name, command: [nodeProgram(), join(packageRoot, 'dist/bench/workloads/main.js'), String(figure), String(count), '1'] };
}

/** By name, an iteration each: the median of three runs. `onBegin` is told what is measured next. */
export async function measure(onBegin: (text: string) => void, signal: AbortSignal): Promise<Map<string, number>> {
  const names = Array.from({ length: runs }, () => Object.keys(workloads)).flat();
  const jobs = [kernel, ...names.map(job)];
  const said = await runJobs(await chosenMachine({ smp: 1, memory: '2048M', icount: true }), jobs, (index) => onBegin(`${jobs[index]!.name}, ${index + 1} of ${jobs.length}`), signal);
  const measured = kernelFigures(said[0]!);
  for (const name of Object.keys(workloads)) {
    const samples = names.flatMap((other, index) => (other === name ? [JSON.parse(said[index + 1]!) as { nanoseconds: number; count: number }] : []));
    measured.set(name, spreadOf(samples.map(({ nanoseconds, count }) => nanoseconds / count)).median);
  }
  return measured;
}

function kernelFigures(said: string): Map<string, number> {
  return new Map(kernelRows(said).map(({ row, tsc }) => [`kernel: ${row}`, tsc.median]));
}
