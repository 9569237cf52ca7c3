/** The command `vpi`. */

import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { exitStatus, runInVm, type VmOptions, type VmResult } from './vm/run.ts';

const program = new Command('vpi').enablePositionalOptions().description('The Virtual Processor Interface: run programs on the patched kernel');
program
  .command('run')
  .description('boot the VM and run FILE in it; the working directory is shared read-write')
  .argument('<file>')
  .argument('[args...]')
  .requiredOption('--kernel <file>', 'bzImage to boot')
  .option('--smp <n>', '', Number)
  .option('--timeout <s>', '', Number)
  .option('--memory <m>')
  .option('--append <m>')
  .option('--icount')
  .passThroughOptions()
  .action(async (file: string, args: string[], options) => {
    const result = await runInVm({ program: resolve(file), args, accelerator: options.icount ? 'icount' : 'tcg', ...options, stdin: process.stdin, stdout: process.stdout, stderr: process.stderr });
    if (result.end !== 'program') process.stderr.write(result.console);
    process.stderr.write(result.splats.join('\n'));
    process.exit(exitStatus(result));
  });
await program.parseAsync();
void [accessSync, constants, existsSync, delimiter, join, InvalidArgumentError];
export type { VmOptions, VmResult };
