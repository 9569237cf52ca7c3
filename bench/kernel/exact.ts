/** `vpi-kernel-bench` as the only program of a machine that is the same in every boot, to the instruction. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { kernelImage } from '../../docker/kernel/build.ts';
import { packageRoot } from '../../docker/tree.ts';
import type { Clock } from '../report/sample.ts';

export interface Boot {
  /** clean: without the patch. */
  flavour: 'release' | 'clean';
  cpus: number;
  clock: Clock;
}

/** One row of what it says, of its runs together. */
export interface KernelRow {
  /** In words, without underscores. */
  row: string;
  /** On how many of the machine's CPUs it has run. */
  cpus: number;
  /** Operations in each run. */
  count: number;
  tsc: { median: number };
  /** By run: cycles of the time stamp counter, with the instruction clock instructions, of all operations together. */
  each: number[];
}

/**
 * Lines of JSON, and lines for people that begin with `#`.
 *
 * @throws {Error} the machine has not ended in good order; or the reason of `signal`
 */
export async function bootKernelBench({ flavour, cpus, clock }: Boot, signal?: AbortSignal): Promise<string> {
  const args = [join(packageRoot, 'bench/kernel/bitexact.sh'), join(packageRoot, 'build/native/bench/vpi-kernel-bench'), await kernelImage(flavour), String(cpus)];
  const child = spawn('sh', args, { env: { ...process.env, WALL: clock === 'wall' ? '1' : '0' }, stdio: ['ignore', 'pipe', 'inherit'], ...(signal && { signal }) });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [code] = (await once(child, 'close').catch((error: unknown) => {
    signal?.throwIfAborted();
    throw error;
  })) as [number | null];
  if (code !== 0) throw new Error(`the machine that measures the ${flavour} kernel has failed, with status ${code}`);
  return Buffer.concat(chunks).toString();
}

/** @throws {SyntaxError} a line is no JSON */
export function kernelRows(said: string): KernelRow[] {
  return said.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as KernelRow).map((given) => ({ ...given, row: given.row.replaceAll('_', ' ') }));
}
