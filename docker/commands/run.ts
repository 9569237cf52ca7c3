/** `vpi run` */

import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { Interruption } from '../interruption.ts';
import { exitStatus, runInVm } from '../vm/run.ts';
import { chosenMachine, explanation, type MachineArguments } from './machine.ts';

/** Runs `file` in the VM and returns the status to exit with. */
export async function runFile(file: string, args: string[], options: MachineArguments): Promise<number> {
  const program = executablePath(file);
  const machine = await chosenMachine(options);
  using interruption = new Interruption();
  const { stdin, stdout, stderr } = process;
  const result = await runInVm({ ...machine, program, args, stdin, stdout, stderr, signal: interruption.signal });
  stderr.write(explanation(result, options.timeout));
  return interruption.status ?? exitStatus(result);
}

/** Looks for `file` as a shell would, but a file of the working directory comes first. */
export function executablePath(file: string): string {
  if (/\.[cm]?[jt]s$/.test(file)) throw new Error(`${file}: vpi run takes executables so far; JavaScript in the VM comes later`);
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
