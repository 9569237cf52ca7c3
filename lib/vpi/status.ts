/** `kernelStatus()`: what the kernel has counted, and where every VP is. */

import { native } from '../native.ts';
import { VpiError } from './error.ts';
import type { VpHandle } from './upcall.ts';

export type VpStateName = 'ACTIVE' | 'REGISTERED' | 'BLOCKED' | 'WAITRESUME' | 'WAITREGISTER';

const stateNames: readonly VpStateName[] = ['ACTIVE', 'REGISTERED', 'BLOCKED', 'WAITRESUME', 'WAITREGISTER'];

export interface VpStatus {
  vp: VpHandle;
  state: VpStateName;
  mask: number;
  /** Its kernel thread. */
  tid: number;
  isSystem: boolean;
  /** How often it has blocked. */
  blocks: number;
}

export interface KernelStatus {
  /** VPs by state; system VPs are counted apart. */
  count: Record<VpStateName, number>;
  system: number;
  /** Notifications that nobody has fetched yet. */
  queued: number;
  mask: number;
  target: number;
  /** Blocks; of these: told to somebody (`seen`), or over before that (`cancels`). */
  blocks: number;
  seen: number;
  cancels: number;
  /** Of those seen: held at the end (`unblocked`), gone on without (`released`), ended (`exits`). */
  unblocked: number;
  released: number;
  exits: number;
  /** Held VPs that were resumed: by somebody, or by the kernel because nobody was left to. */
  resumes: number;
  autoResumes: number;
  /** Signal handlers that held VPs have run. */
  signals: number;
  /** Preemptions that PREEMPT was queued for; of these: over before anybody was told. */
  preempts: number;
  preemptCancels: number;
  vps: VpStatus[];
}

function statusOf(vp: number): Buffer | number {
  return native.status(vp);
}

/** A snapshot (paper: `vpi_kernel_status`). VPs that end meanwhile are left out. */
export function kernelStatus(): KernelStatus {
  const whole = statusOf(0);
  if (typeof whole === 'number') throw new VpiError(whole, 'vpi_kernel_status');
  const count = Object.fromEntries(stateNames.map((name, i) => [name, whole.readUInt32LE(4 * i)])) as KernelStatus['count'];
  const number = (offset: number) => Number(whole.readBigUInt64LE(offset));
  const counter = (i: number) => number(48 + 8 * i);
  return {
    count,
    system: whole.readUInt32LE(32),
    queued: whole.readUInt32LE(36),
    mask: whole.readUInt32LE(40),
    target: whole.readUInt32LE(44),
    blocks: counter(0),
    seen: counter(1),
    cancels: counter(2),
    unblocked: counter(3),
    released: counter(4),
    exits: counter(5),
    resumes: counter(6),
    autoResumes: counter(7),
    signals: counter(8),
    preempts: number(144),
    preemptCancels: number(152),
    vps: native.vps().flatMap((vp) => vpStatus(vp as VpHandle)),
  };
}

function vpStatus(vp: VpHandle): VpStatus[] {
  const status = statusOf(vp);
  if (typeof status === 'number') return [];
  return [
    {
      vp,
      state: stateNames[status.readUInt32LE(120)]!,
      mask: status.readUInt32LE(124),
      tid: status.readUInt32LE(128),
      isSystem: (status.readUInt32LE(132) & 2) !== 0,
      blocks: Number(status.readBigUInt64LE(136)),
    },
  ];
}
