/**
 * Whether KVM can be used. That /dev/kvm is there does not say so: a nested or restricted one may fail
 * or hang as soon as a kernel runs on it. So a kernel is booted on it, once per boot of this machine.
 */

import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from '../tree.ts';
import type { Accelerator } from './qemu.ts';
import { runRecorded } from './recorded.ts';

/** Seconds; a kernel on a KVM that works is up in less than one. */
const probeTimeout = 5;

/** KVM if it can run `kernel` here, else QEMU's own translator. */
export async function accelerator(kernel: string): Promise<Accelerator> {
  if (!isAccessible('/dev/kvm')) return 'tcg';
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const answer = join(cacheDirectory('kvm'), boot);
  if (!existsSync(answer)) {
    const probe = await runRecorded({ kernel, accelerator: 'kvm', smp: 1, timeout: probeTimeout });
    writeFileSync(answer, probe.status === 0 ? 'kvm' : 'tcg');
  }
  return readFileSync(answer, 'utf8') === 'kvm' ? 'kvm' : 'tcg';
}

function isAccessible(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
