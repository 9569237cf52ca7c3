/** `vpi run` */

import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { nodeProgram } from '../addon.ts';
import { Interruption } from '../interruption.ts';
import { exitStatus } from '../vm/machine.ts';
import { runInVm } from '../vm/run.ts';
import { chosenMachine, explanation, type MachineArguments } from './machine.ts';
import { isScript, scriptEndings, withNodeArguments } from './script.ts';

export interface RunArguments extends MachineArguments {
  /** Path of the Node that runs scripts; default: the project's own. */
  node?: string;
}

/** Runs `file` in the VM and returns the status to exit with. */
export async function runFile(file: string, args: string[], options: RunArguments): Promise<number> {
  if (isScript(file)) {
    refuseHidden(resolve(file), process.cwd());
    const node = executablePath(options.node ?? nodeProgram());
    return withNodeArguments(file, (own) => runProgram(node, [...own, ...args], options));
  }
  if (options.node !== undefined) throw new Error(`--node: ${file} is no JavaScript or TypeScript`);
  return runProgram(executablePath(file), args, options);
}

async function runProgram(program: string, args: string[], options: MachineArguments): Promise<number> {
  refuseHidden(program, process.cwd());
  const machine = await chosenMachine(options);
  using interruption = new Interruption();
  const { stdin, stdout, stderr } = process;
  const result = await runInVm({ ...machine, program, args, stdin, stdout, stderr, signal: interruption.signal });
  stderr.write(explanation(result, options.timeout));
  return interruption.status ?? exitStatus(result);
}

/** Where a shell looks for a program of that name. */
export function placesInPath(name: string): string[] {
  return (process.env['PATH'] ?? '').split(delimiter).map((directory) => join(directory, name));
}

/** Looks for `file` as a shell would, but a file of the working directory comes first. */
export function executablePath(file: string): string {
  const searched = file.includes('/') ? [] : placesInPath(file);
  const found = [resolve(file), ...searched].find(isFile);
  if (found === undefined) throw new Error(`${file}: no such file${file.includes('/') ? '' : ', neither here nor in PATH'}`);
  try {
    accessSync(found, constants.X_OK);
  } catch {
    throw new Error(`${found} is not executable, nor a script for Node (${scriptEndings.join(', ')}): chmod +x it, or name its interpreter`);
  }
  return found;
}

/** Where the VM has file systems of its own, which cover the host's files. */
const ownTrees = ['/tmp/', '/run/', '/dev/', '/proc/', '/sys/'];

/** The VM cannot see `program` if it lies in one of these, unless the shared working directory brings it along. */
export function refuseHidden(program: string, cwd: string): void {
  const tree = ownTrees.find((prefix) => program.startsWith(prefix));
  if (tree === undefined || program.startsWith(`${cwd}/`)) return;
  throw new Error(`${program}: the VM has a ${tree.slice(0, -1)} of its own; change into the program's directory, which is shared`);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
