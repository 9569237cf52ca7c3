/** On what it was measured, for those who read the report. */

import { cpus } from 'node:os';
import { kernelImage } from '../../docker/kernel/build.ts';
import { findSource } from '../../docker/kernel/source.ts';
import { accelerator } from '../../docker/vm/kvm.ts';
import type { Machine } from '../report/sample.ts';

const emulators = { kvm: 'QEMU with KVM', tcg: 'QEMU, emulated by TCG', icount: 'QEMU, emulated by TCG' } as const;

export async function machineFacts(): Promise<Machine> {
  const host = cpus();
  return {
    kernel: `Linux ${findSource().version}`,
    node: process.versions.node,
    accelerator: emulators[await accelerator(await kernelImage('release'))],
    host: `${host.length} × ${host[0]?.model.trim() ?? 'unknown CPU'}`,
    date: new Date().toISOString().slice(0, 16).replace('T', ' '),
  };
}
