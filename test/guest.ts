/** Test programs that print TAP, run one after the other in one machine, as subtests here. */

import { basename } from 'node:path';
import type { Test } from 'tap';
import type { MachineOptions } from '../docker/vm/machine.ts';
import { shellInVm } from './vm.ts';

export interface GuestProgram {
  path: string;
  args?: string[];
}

/** Each positional parameter is a command; its output and status follow a line that marks it. */
const script = `
for command; do
  echo "@@ begin"
  eval "timeout $VPI_TEST_PATIENCE $command" 2>&1
  status=$?
  echo
  echo "@@ end $status"
done`;

/** What a program that has nothing to test here exits with, in the kernel's selftests. */
const skippedStatus = 4;

/**
 * Runs the programs in the machine. Each becomes a subtest with its own results; it also fails if its status
 * says so or if its plan is not met. The machine fails if its kernel complains.
 */
export async function testInGuest(t: Test, machine: MachineOptions, programs: GuestProgram[], patience = 300): Promise<void> {
  const commands = programs.map(({ path, args = [] }) => [path, ...args].map(quoted).join(' '));
  const env = { ...process.env, VPI_TEST_PATIENCE: String(patience) } as Record<string, string>;
  const result = await shellInVm({ ...machine, timeout: patience * programs.length }, script, { args: commands, env });
  const sections = result.stdout.toString().split(/^@@ begin\n/m).slice(1);
  for (const [index, program] of programs.entries()) {
    const name = [basename(program.path), ...(program.args ?? [])].join(' ');
    await t.test(name, async (t) => report(t, sections[index] ?? ''));
  }
  t.equal(result.end, 'program', 'the machine ends in good order', { console: result.console.split('\n').slice(-60) });
  t.strictSame(result.splats, [], 'the kernel does not complain');
}

function report(t: Test, section: string): void {
  const status = /^@@ end (\d+)$/m.exec(section)?.[1];
  let planned: number | undefined;
  let seen = 0;
  for (const line of section.split('\n')) {
    const plan = /^1\.\.(\d+)/.exec(line);
    if (plan) planned = Number(plan[1]);
    const match = /^(not )?ok \d+ ?(?:- )?(.*?)(?: *# *(SKIP\b.*|TODO\b.*))?$/.exec(line);
    if (!match) continue;
    seen++;
    const [, not, name = '', directive] = match;
    if (directive) t.pass(name, { skip: directive });
    else t.ok(!not, name);
  }
  const said = { output: section.split('\n').slice(-100) };
  t.equal(seen, planned, 'its plan is met', said);
  t.ok(status === '0' || status === String(skippedStatus), `its status is success: ${status ?? 'none'}`, said);
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The kernel's tests of single behaviours; see `kernel-patch/tools/testing/selftests/vpi`. */
export const behaviours = [
  'attach_test',
  'errors_test',
  'block_test',
  'hold_test',
  'register_test',
  'target_test',
  'liveness_test',
  'signal_test',
  'lifecycle_test',
  'proc_test',
];
