/** What `vpi run` and `vpi shell` share: the options that describe the machine, and what is said about its end. */

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { kernelImage } from '../kernel/build.ts';
import { accelerator } from '../vm/kvm.ts';
import type { MachineOptions, VmResult } from '../vm/machine.ts';

export interface MachineArguments {
  smp: number;
  memory: string;
  debugKernel?: boolean;
  kernel?: string;
  append?: string;
  icount?: boolean;
  timeout?: number;
}

export function withMachineOptions(command: Command): Command {
  return command
    .option('--smp <n>', 'virtual CPUs', virtualCpus, 2)
    .option('--memory <size>', 'memory of the VM', memorySize, '2048M')
    .option('--debug-kernel', "boot the debug kernel: slower, with the kernel's own checks")
    .option('--kernel <file>', 'boot this bzImage')
    .option('--append <text>', "more of the kernel's command line");
}

export function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number greater than 0.');
  return value;
}

function virtualCpus(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 8) throw new InvalidArgumentError('It must be a whole number from 1 to 8.');
  return value;
}

function memorySize(text: string): string {
  if (!/^[1-9]\d*[MG]$/.test(text)) throw new InvalidArgumentError('It must be a number of M or G, such as 2048M.');
  return text;
}

/** The machine that the arguments ask for; its kernel is built if need be. */
export async function chosenMachine(args: MachineArguments): Promise<MachineOptions> {
  const kernel = await chosenKernel(args);
  return {
    kernel,
    accelerator: args.icount ? 'icount' : await accelerator(kernel),
    smp: args.smp,
    memory: args.memory,
    ...(args.append !== undefined && { append: args.append }),
    ...(args.timeout !== undefined && { timeout: args.timeout }),
  };
}

async function chosenKernel({ kernel, debugKernel }: MachineArguments): Promise<string> {
  if (kernel === undefined) return kernelImage(debugKernel ? 'debug' : 'release');
  if (debugKernel) throw new Error('--kernel and --debug-kernel exclude each other');
  if (!existsSync(kernel)) throw new Error(`--kernel: ${kernel} is not there`);
  return resolve(kernel);
}

const shownConsoleLines = 60;

/** What the program in the machine could not say itself; empty if all is well. */
export function explanation(result: VmResult, timeout?: number): string {
  const lines: string[] = [];
  if (result.splats.length > 0) lines.push('vpi: the kernel has reported a bug of its own:', ...result.splats);
  if (result.end === 'timeout') lines.push(`vpi: the VM was ended after ${timeout} seconds.`);
  if (result.end === 'lost') lines.push('vpi: the VM ended without a status. The end of its console:', lastLines(result.console));
  return lines.map((line) => `${line}\n`).join('');
}

function lastLines(text: string): string {
  return text.trimEnd().split('\n').slice(-shownConsoleLines).join('\n');
}
