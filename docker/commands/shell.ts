/** `vpi shell` */

import { Interruption } from '../interruption.ts';
import { exitStatus } from '../vm/machine.ts';
import { runInVm } from '../vm/run.ts';
import { chosenMachine, explanation, type MachineArguments } from './machine.ts';

/** A shell in the VM on this terminal; returns the status to exit with. */
export async function runShell(options: MachineArguments): Promise<number> {
  const { stdin, stdout } = process;
  if (!stdin.isTTY || !stdout.isTTY) throw new Error('vpi shell needs a terminal; without one, use: vpi run sh');
  const machine = await chosenMachine(options);
  using interruption = new Interruption();
  // Every key goes to the VM's terminal, Ctrl-C included.
  stdin.setRawMode(true);
  try {
    const result = await runInVm({
      ...machine,
      program: '/bin/bash',
      stdin,
      stdout,
      signal: interruption.signal,
      terminal: {
        rows: stdout.rows,
        columns: stdout.columns,
        onResize: (resized) => stdout.on('resize', () => resized(stdout.rows, stdout.columns)),
      },
    });
    process.stderr.write(explanation(result));
    return interruption.status ?? exitStatus(result);
  } finally {
    stdin.setRawMode(false);
  }
}
