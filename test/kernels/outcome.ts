/** What a program came to on a kernel, and a table of that. */

import type { VmResult } from '../../docker/vm/machine.ts';
import { readSection, skippedStatus } from '../guest.ts';

export interface Outcome {
  program: string;
  passed: number;
  skipped: number;
  /** Names of what failed, or what else was wrong. */
  failed: string[];
  seconds: number;
}

export interface KernelOutcome {
  kernel: string;
  /** Of which kernel: its name in the cache changes with the patch, the configuration and the compiler. */
  image: string;
  outcomes: Outcome[];
  /** What the kernel had to say of itself. */
  complaints: string[];
}

/** `section` is what the program said, of `runInGuest()`. */
export function outcomeOf(program: string, section: string): Outcome {
  const { results, planned, status, seconds } = readSection(section);
  const failed = results.filter(({ ok }) => !ok).map(({ name }) => name);
  const skipped = results.filter(({ directive }) => directive !== undefined).length;
  if (status !== skippedStatus && results.length !== planned) failed.push(`${results.length} results, ${planned ?? 'none'} planned`);
  if (status !== 0 && status !== skippedStatus) failed.push(`status ${status ?? 'none'}`);
  return { program, passed: results.filter(({ ok }) => ok).length - skipped, skipped: status === skippedStatus ? 1 : skipped, failed, seconds: seconds ?? 0 };
}

/** The reports that count, and how the machine has ended if not by its program. */
export function complaintsOf(end: VmResult['end'], reports: readonly string[]): string[] {
  return end === 'program' ? [...reports] : [...reports, `the machine has ended: ${end}`];
}

export function isGood({ outcomes, complaints }: KernelOutcome): boolean {
  return complaints.length === 0 && outcomes.every(({ failed }) => failed.length === 0);
}

const mark = ({ passed, skipped, failed }: Outcome) => (failed.length > 0 ? `${failed.length} FAILED` : passed > 0 ? String(passed) : skipped > 0 ? 'skipped' : '-');

/** Kernels × programs: how many tests passed. In Markdown, as it stands in docs/testing.md. */
export function tableOf(kernels: readonly KernelOutcome[]): string {
  const programs = [...new Set(kernels.flatMap(({ outcomes }) => outcomes.map(({ program }) => program)))];
  const cell = (kernel: KernelOutcome, program: string) => {
    const outcome = kernel.outcomes.find((outcome) => outcome.program === program);
    return outcome ? mark(outcome) : '';
  };
  const minutes = ({ outcomes }: KernelOutcome) => Math.ceil(outcomes.reduce((sum, { seconds }) => sum + seconds, 0) / 60);
  const rows = [
    ['', ...kernels.map(({ kernel }) => kernel)],
    ['---', ...kernels.map(() => '---')],
    ...programs.map((program) => [`\`${program}\``, ...kernels.map((kernel) => cell(kernel, program))]),
    ['kernel log', ...kernels.map(({ complaints }) => (complaints.length > 0 ? `${complaints.length} COMPLAINTS` : 'clean'))],
    ['minutes', ...kernels.map((kernel) => String(minutes(kernel)))],
  ];
  return rows.map((row) => `| ${row.join(' | ')} |\n`).join('');
}

/** Everything that went wrong, a line each. */
export function failuresOf(kernels: readonly KernelOutcome[]): string {
  const lines = kernels.flatMap(({ kernel, outcomes, complaints }) => [
    ...outcomes.flatMap(({ program, failed }) => failed.map((what) => `${kernel}: ${program}: ${what}`)),
    ...complaints.map((complaint) => `${kernel}: ${complaint}`),
  ]);
  return lines.map((line) => `${line}\n`).join('');
}

/** How much the fuzzer has done on a kernel; without a failure, or it would not be counted. */
export interface Fuzzed {
  name: string;
  /** As in a `KernelOutcome`. */
  image: string;
  calls: number;
  seconds: number;
}

/** In Markdown, as it stands in docs/testing.md. */
export function fuzzTable(kernels: readonly Fuzzed[]): string {
  const rows = kernels.map(({ name, calls, seconds }) => `| ${name} | ${calls.toLocaleString('en')} | ${Math.ceil(seconds / 60)} |\n`);
  return `| kernel | calls | minutes |\n| --- | --- | --- |\n${rows.join('')}`;
}
