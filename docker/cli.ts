/** The command `vpi`: reads its arguments and calls what does the work. */

import { Command, InvalidArgumentError } from 'commander';
import { Interrupted } from './logged-command.ts';
import { printKernel } from './commands/kernel.ts';
import { runFile, type RunOptions } from './commands/run.ts';

function positive(text: string): number {
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

function withMachineOptions(command: Command): Command {
  return command
    .option('--smp <n>', 'virtual CPUs', virtualCpus, 2)
    .option('--memory <size>', 'memory of the VM', memorySize, '2048M')
    .option('--debug-kernel', "boot the debug kernel: slower, with the kernel's own checks")
    .option('--kernel <file>', 'boot this bzImage')
    .option('--append <text>', "more of the kernel's command line");
}

const program = new Command('vpi')
  .description('The Virtual Processor Interface: run programs on the patched kernel, in a VM')
  .enablePositionalOptions()
  .showHelpAfterError('(vpi --help tells more)');

withMachineOptions(program.command('run'))
  .description('run FILE in the VM; the working directory is shared, everything else is read-only')
  .argument('<file>', 'an executable: a path, or a name to look for in PATH')
  .argument('[args...]', 'its arguments, passed as they are')
  .option('--icount', "let the VM's clock count instructions")
  .option('--timeout <seconds>', 'end the VM after that time, with status 124', positive)
  .passThroughOptions()
  .action(async (file: string, args: string[], options: RunOptions) => {
    process.exitCode = await runFile(file, args, options);
  });

program
  .command('kernel')
  .description('build the patched kernel, or find it in the cache, and print its path')
  .option('--debug', 'the debug flavour')
  .option('--clean', "Debian's kernel without the patch, to measure against")
  .option('--print-patch', 'print the whole patch for a clean tree instead')
  .action(printKernel);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof Interrupted) process.exit(error.signal === 'SIGINT' ? 130 : 143);
  process.stderr.write(`vpi: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 125;
}
// Standard input may still be open, and nobody reads it any more.
process.stdout.write('', () => process.exit());
