/** Runs that nothing from outside disturbs. */

import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GuestCommand } from './command.ts';
import { executable } from './cpio.ts';
import { boot, inTemporaryDirectory, type MachineOptions, type VmResult } from './machine.ts';
import { parseReport } from './outcome.ts';
import { recordArguments } from './qemu.ts';

export interface RecordedOptions extends MachineOptions {
  /** Path of a static executable, which goes into the initramfs; none: the machine boots and ends. */
  program?: string;
  args?: string[];
  env?: Record<string, string>;
}

/**
 * Runs a static program from the initramfs alone, without input, and gives its output when it has
 * ended. With the accelerator `icount` two such runs execute exactly the same instructions.
 */
export async function runRecorded(options: RecordedOptions): Promise<VmResult> {
  const command: GuestCommand = {
    files: 'initramfs',
    argv: [options.program ?? '', ...(options.args ?? [])],
    env: options.env ?? { PATH: '/' },
    cwd: '/',
    ...(options.program !== undefined && { program: '/program' }),
  };
  const files = options.program === undefined ? [] : [executable('program', readFileSync(options.program))];

  return inTemporaryDirectory(tmpdir(), async (directory) => {
    const records = { stdout: join(directory, 'out'), stderr: join(directory, 'err'), status: join(directory, 'status') };
    const ended = new Promise<never>(() => {}); // this guest powers itself off
    const result = await boot(directory, options, command, files, recordArguments(records), ended);
    const report = parseReport(readFileSync(records.status, 'utf8').trimEnd());
    return {
      ...result,
      ...(report && { end: 'program' as const, status: report.status }),
      stdout: readFileSync(records.stdout),
      stderr: readFileSync(records.stderr),
    };
  });
}
