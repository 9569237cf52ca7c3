/** The command `vpi`: reads its arguments and calls what does the work. */

import { Command, Option } from 'commander';
import type { BenchArguments } from '../bench/figures/run.ts';
import { printKernel } from './commands/kernel.ts';
import { seconds, withMachineOptions, type MachineArguments } from './commands/machine.ts';
import { runFile, type RunArguments } from './commands/run.ts';
import { runShell } from './commands/shell.ts';
import { runMain } from './main.ts';

const program = new Command('vpi')
  .description('The Virtual Processor Interface: run programs on the patched kernel, in a VM')
  .enablePositionalOptions()
  .showHelpAfterError('(vpi --help tells more)');

let status = 0;

withMachineOptions(program.command('run'))
  .description('run FILE in the VM; the working directory is shared, everything else is read-only')
  .argument('<file>', 'JavaScript or TypeScript, which Node runs (.js .mjs .cjs .ts .mts); or an executable: a path, or a name to look for in PATH')
  .argument('[args...]', 'its arguments, passed as they are')
  .option('--node <path>', "the Node that runs it; default: the project's own")
  .option('--icount', "let the VM's clock count instructions")
  .option('--timeout <seconds>', 'end the VM after that time, with status 124', seconds)
  .passThroughOptions()
  .action(async (file: string, args: string[], options: RunArguments) => {
    status = await runFile(file, args, options);
  });

withMachineOptions(program.command('shell'))
  .description('a shell in the VM')
  .action(async (options: MachineArguments) => {
    status = await runShell(options);
  });

program
  .command('bench')
  .description("reproduce the paper's figures: tables here, and a report with plots in a directory")
  .argument('[figures...]', '3 to 9 of the paper, 10 to 15 beyond it; default: those of the paper, with --full all')
  .option('--full', 'all rows, with more runs and by both clocks: takes hours')
  .addOption(new Option('--clock <clock>', 'by this one alone; that of instructions does not care what else this machine is doing').choices(['wall', 'instructions']))
  .option('--output <directory>', 'where the report goes; what is there is replaced', 'report')
  .action(async (figures: string[], options: BenchArguments) => {
    // Plotting takes a second to load, which nobody else should wait for.
    const { runFigures } = await import('../bench/figures/run.ts');
    status = await runFigures(figures, options);
  });

program
  .command('kernel')
  .description('build the patched kernel, or find it in the cache, and print its path')
  .option('--debug', 'the debug flavour')
  .option('--clean', "Debian's kernel without the patch, to measure against")
  .option('--print-patch', 'print the whole patch for a clean tree instead')
  .action(printKernel);

// bin/vpi.js does this one itself: it must work where nothing else does.
program.command('doctor').description('say what is missing on this machine, and the command that mends it');

await runMain(async () => {
  await program.parseAsync();
  return status;
});
