/** `vpi run` */

import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { kernelImage } from '../kernel/build.ts';
import { accelerator } from '../vm/kvm.ts';
import { exitStatus, runInVm, type VmResult } from '../vm/run.ts';

export interface RunOptions {
  smp: number;
  memory: string;
  debugKernel?: boolean;
  kernel?: string;
  append?: string;
  icount?: boolean;
  timeout?: number;
}

/** The kernel that the options ask for. */
export async function chosenKernel(options: Pick<RunOptions, 'debugKernel' | 'kernel'>): Promise<string> {
  if (options.kernel === undefined) return kernelImage(options.debugKernel ? 'debug' : 'release');
  if (options.debugKernel) throw new Error('--kernel and --debug-kernel exclude each other');
  if (!existsSync(options.kernel)) throw new Error(`--kernel: ${options.kernel} is not there`);
  return resolve(options.kernel);
}

/** Runs `file` in the VM and returns the status to exit with. */
export async function runFile(file: string, args: string[], options: RunOptions): Promise<number> {
  const path = executablePath(file);
  const kernel = await chosenKernel(options);
  const interruption = new AbortController();
  let interruptedBy: NodeJS.Signals | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      interruptedBy ??= signal;
      interruption.abort();
    });
  }
  const result = await runInVm({
    program: path,
    args,
    kernel,
    accelerator: options.icount ? 'icount' : await accelerator(kernel),
    smp: options.smp,
    memory: options.memory,
    signal: interruption.signal,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    ...(options.append !== undefined && { append: options.append }),
    ...(options.timeout !== undefined && { timeout: options.timeout }),
  });
  explain(result, options);
  if (interruptedBy) return { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }[interruptedBy as 'SIGINT'];
  return exitStatus(result);
}

const shownConsoleLines = 60;

/** Says on stderr what the program could not say itself. */
export function explain(result: VmResult, options: { timeout?: number }): void {
  const lines: string[] = [];
  if (result.splats.length > 0) lines.push("vpi: the kernel has reported a bug of its own:", ...result.splats);
  if (result.end === 'timeout') lines.push(`vpi: the VM was ended after ${options.timeout} seconds (--timeout).`);
  if (result.end === 'lost') lines.push('vpi: the VM ended without a status. The end of its console:', lastLines(result.console));
  if (lines.length > 0) process.stderr.write(`${lines.join('\n')}\n`);
}

function lastLines(text: string): string {
  return text.trimEnd().split('\n').slice(-shownConsoleLines).join('\n');
}

/** Looks for `file` as a shell would, but a file of the working directory comes first. */
export function executablePath(file: string): string {
  if (/\.[cm]?[jt]s$/.test(file)) throw new Error(`${file}: running JavaScript in the VM is not there yet; vpi run takes executables`);
  const searched = file.includes('/') ? [] : (process.env['PATH'] ?? '').split(delimiter).map((directory) => join(directory, file));
  const found = [resolve(file), ...searched].find(isFile);
  if (found === undefined) throw new Error(`${file}: no such file${file.includes('/') ? '' : ', neither here nor in PATH'}`);
  try {
    accessSync(found, constants.X_OK);
  } catch {
    throw new Error(`${found} is not executable: chmod +x it, or name its interpreter`);
  }
  return found;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
