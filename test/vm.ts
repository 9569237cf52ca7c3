/** A machine for tests: which kernel, and short forms for running something in it. */

import { chosenMachine } from '../docker/commands/machine.ts';
import type { MachineOptions, VmResult } from '../docker/vm/machine.ts';
import { runInVm, type VmOptions } from '../docker/vm/run.ts';

/** Seconds after which a run of the VM counts as hung; the machine below may be busy. */
const patience = 600;

/** The patched kernel, on what this host offers. `VPI_TEST_KERNEL` names another bzImage. */
export function testMachine(options: { debug?: boolean; smp?: number; icount?: boolean } = {}): Promise<MachineOptions> {
  const kernel = process.env['VPI_TEST_KERNEL'];
  return chosenMachine({
    smp: options.smp ?? 2,
    memory: '2048M',
    timeout: patience,
    ...(options.debug && { debugKernel: true }),
    ...(options.icount && { icount: true }),
    ...(kernel !== undefined && !options.debug && { kernel }),
  });
}

/** Runs a shell script in the VM; its positional parameters are `args`. */
export function shellInVm(machine: MachineOptions, script: string, options: Partial<VmOptions> = {}): Promise<VmResult> {
  const args = ['-c', script, 'sh', ...(options.args ?? [])];
  return runInVm({ ...machine, ...options, program: '/bin/sh', args });
}
