/** Test programs that print TAP, run one after the other in one machine, as subtests here. */

import { basename } from 'node:path';
import type { Test } from 'tap';
import type { MachineOptions, VmResult } from '../docker/vm/machine.ts';
import type { VmOptions } from '../docker/vm/run.ts';
import { shellInVm } from './vm.ts';

export interface GuestProgram {
  path: string;
  args?: string[];
  /** Of its subtest; default: the program and its arguments. */
  name?: string;
}

/** Each positional parameter is a command; its output, status and time follow a line that marks it. */
const script = `
for command; do
  echo "@@ begin"
  begin=$(date +%s)
  eval "timeout $VPI_TEST_PATIENCE $command" 2>&1
  status=$?
  echo
  echo "@@ end $status $(($(date +%s) - begin))"
  case $status in 0|4) ;; *) [ -z "$VPI_TEST_FIRST" ] || break ;; esac
done`;

/** What a program that has nothing to test here exits with, in the kernel's selftests. */
export const skippedStatus = 4;

/**
 * Runs the programs in the machine. Each becomes a subtest with its own results; it also fails if its status
 * says so or if its plan is not met. The machine fails if its kernel complains.
 */
export async function testInGuest(t: Test, machine: MachineOptions, programs: GuestProgram[], patience = 300, options: Partial<VmOptions> = {}): Promise<void> {
  const { result, sections } = await runInGuest(machine, programs, patience, options);
  for (const [index, program] of programs.entries()) await t.test(nameOf(program), async (t) => report(t, sections[index] ?? ''));
  t.equal(result.end, 'program', 'the machine ends in good order', { console: result.console.split('\n').slice(-60) });
  t.strictSame(result.splats, [], 'the kernel does not complain');
}

export function nameOf({ name, path, args = [] }: GuestProgram): string {
  return name ?? [basename(path), ...args].join(' ');
}

export interface GuestRunOptions extends Partial<VmOptions> {
  /** Those behind the first that fails are not run. */
  untilFailure?: boolean;
}

/** The machine's end, and what each program said and came to: see `readSection()`. */
export async function runInGuest(machine: MachineOptions, programs: GuestProgram[], patience: number, { untilFailure = false, ...options }: GuestRunOptions = {}): Promise<{ result: VmResult; sections: string[] }> {
  const commands = programs.map(({ path, args = [] }) => [path, ...args].map(quoted).join(' '));
  const env = { ...(options.env ?? process.env), VPI_TEST_PATIENCE: String(patience), VPI_TEST_FIRST: untilFailure ? '1' : '' } as Record<string, string>;
  const result = await shellInVm({ ...machine, timeout: patience * programs.length }, script, { ...options, args: commands, env });
  return { result, sections: result.stdout.toString().split(/^@@ begin\n/m).slice(1) };
}

const shownLines = 200;

function report(t: Test, section: string): void {
  const { results, planned, status, seconds } = readSection(section);
  for (const { ok, name, directive, said } of results) {
    if (directive !== undefined) t.pass(name, { skip: directive });
    else t.ok(ok, name, ok ? {} : { output: said.slice(-shownLines) });
  }
  const output = { output: section.split('\n').slice(-shownLines) };
  if (seconds !== undefined) t.comment(`${seconds} s`);
  t.equal(results.length, planned, 'its plan is met', output);
  t.ok(status === 0 || status === skippedStatus, `its status is success: ${status ?? 'none'}`, output);
}

/** A result that is no part of a subtest; those are indented. */
const resultPattern = /^(not )?ok \d+ ?(?:- )?(.*?)(?: *# *(?:(SKIP\b.*|TODO\b.*)|time=.*))?$/;

/** What a program said with its TAP, the status that it ended with, and how long it took. */
export function readSection(section: string) {
  const lines = section.split('\n');
  const found = lines.flatMap((line, index) => {
    const match = resultPattern.exec(line);
    return match ? [{ index, ok: !match[1], name: match[2] ?? '', directive: match[3] }] : [];
  });
  const ends = [0, ...found.map(({ index }) => endOfExplanation(lines, index + 1))];
  // Its subtests stand before a result, why it failed behind it.
  const results = found.map((result, number) => ({ ...result, said: lines.slice(ends[number], ends[number + 1]) }));
  const status = lastNumber(lines, /^@@ end (\d+) \d+$/);
  return { results, planned: lastNumber(lines, /^1\.\.(\d+)/), status, seconds: lastNumber(lines, /^@@ end \d+ (\d+)$/) };
}

/** A block of YAML that begins at `start`, if one does. */
function endOfExplanation(lines: string[], start: number): number {
  return lines[start] === '  ---' ? lines.indexOf('  ...', start) + 1 || lines.length : start;
}

function lastNumber(lines: string[], pattern: RegExp): number | undefined {
  const match = lines.map((line) => pattern.exec(line)).findLast((found) => found !== null);
  return match ? Number(match[1]) : undefined;
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
  'upcall_signal_test',
  'preempt_test',
  'lifecycle_test',
  'entry_test',
  'fail_test',
  'outside_test',
  'fuse_test',
  'proc_test',
];
