/** Runs measuring programs in one boot of the VM, one after the other. */

import { Writable } from 'node:stream';
import type { MachineOptions } from '../../docker/vm/machine.ts';
import { runInVm } from '../../docker/vm/run.ts';

/** One program, to be run once. */
export interface Job {
  /** What is shown while it runs. */
  name: string;
  command: readonly string[];
}

/** Seconds after which a program counts as hung. */
const patience = 120;

/**
 * Each positional parameter is a command; what it says follows a line that names it by number. One that fails is the last,
 * and its status follows what it said. Node keeps what it has compiled of a module, for the next start: half of a start is compiling.
 */
const script = (prefix: string) => `
export NODE_COMPILE_CACHE=/tmp/compiled
number=0
for command; do
  echo "@@ begin $number"
  eval "${prefix} $command" || { printf "\\n@@ failed %d %d\\n" $number $?; exit 1; }
  number=$((number + 1))
done`;

/** The instruction clock runs ahead while the guest waits for the host, to the next timer: there a timer would come at once. */
function limit({ accelerator }: MachineOptions): string {
  return accelerator === 'icount' ? '' : `timeout ${patience}`;
}

/**
 * What each program has said, in the order of `jobs`. `onBegin` hears of each before it runs.
 *
 * @throws {Error} a program has failed, or the machine has; its standard error was shown as it came; or the reason of `signal`
 */
export async function runJobs(machine: MachineOptions, jobs: readonly Job[], onBegin: (index: number) => void, signal: AbortSignal): Promise<string[]> {
  const said = jobs.map(() => '');
  let failure: string | undefined;
  let current = 0;
  const stdout = lines((line) => {
    const [, event, number, status] = /^@@ (begin|failed) (\d+) ?(\d+)?$/.exec(line) ?? [];
    if (event === 'begin') onBegin((current = Number(number)));
    else if (event === 'failed') failure = `${jobs[Number(number)]!.name} has ended with status ${status}`;
    else said[current] += `${line}\n`;
  });
  const args = ['-c', script(limit(machine)), 'sh', ...jobs.map(({ command }) => command.map(quoted).join(' '))];
  const timeout = patience * jobs.length;
  // Not the working directory, which is shared with the host and slower to read than the rest.
  const result = await runInVm({ ...machine, timeout, program: '/bin/sh', args, cwd: '/', stdout, stderr: process.stderr, signal });
  signal.throwIfAborted();
  if (result.end !== 'program' || result.splats.length > 0) throw new Error(`the VM has not ended in good order: ${result.splats.join('\n') || result.console.slice(-2000)}`);
  if (failure !== undefined) throw new Error(failure);
  return said;
}

function lines(take: (line: string) => void): Writable {
  let rest = '';
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      const all = (rest + chunk.toString()).split('\n');
      rest = all.pop()!;
      for (const line of all) take(line);
      done();
    },
  });
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
