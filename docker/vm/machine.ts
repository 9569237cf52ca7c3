/** A machine from its boot to its end, whatever runs in it. */

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { temporaryDirectory } from '../leftovers.ts';
import { encodeCommand, type GuestCommand } from './command.ts';
import { archive, plainFile, type ArchiveFile } from './cpio.ts';
import { guestArchive } from './initramfs.ts';
import { machineArguments, type Accelerator } from './qemu.ts';
import { startQemu, type QemuProcess } from './qemu-process.ts';
import { findSplats } from './splat.ts';

export interface MachineOptions {
  /** The kernel's bzImage. */
  kernel: string;
  accelerator: Accelerator;
  /** Virtual CPUs; default 2. */
  smp?: number;
  /** As QEMU reads it; default `2048M`. */
  memory?: string;
  /** More of the kernel's command line. */
  append?: string;
  /** A socket where somebody listens, who gets QEMU's monitor. */
  monitor?: string;
  /** Seconds after which the machine is ended, boot included; default: never. */
  timeout?: number;
  /** Ends the machine when it is aborted. */
  signal?: AbortSignal;
}

export interface VmResult {
  /** How the machine ended: its program did; the time was up; aborted; or it died (a panic, say). */
  end: 'program' | 'timeout' | 'aborted' | 'lost';
  /** The program's exit status; death by signal n is 128 + n. Undefined unless `end` is `program`. */
  status: number | undefined;
  /** What was collected, where no stream was given. */
  stdout: Buffer;
  stderr: Buffer;
  /** The kernel's reports of its own bugs. */
  splats: string[];
  /** Everything that the kernel logged, and QEMU's own complaints at the end. */
  console: string;
}

/** The status that stands for the whole run, as a shell would see it. */
export function exitStatus(result: VmResult): number {
  if (result.end === 'timeout') return 124;
  if (result.status === undefined) return 125;
  return result.splats.length > 0 && result.status === 0 ? 125 : result.status;
}

const endOfRun = 'vpi-init: end of run';

type Ending = Pick<VmResult, 'end' | 'status'>;

/** Boots a machine and waits for its end; `complete` resolves to the program's status once all output is here. */
export async function boot(
  directory: string,
  options: MachineOptions,
  command: GuestCommand,
  files: ArchiveFile[],
  devices: string[],
  complete: Promise<number>,
): Promise<Omit<VmResult, 'stdout' | 'stderr'>> {
  const console = join(directory, 'console');
  const initrd = join(directory, 'initrd');
  const own = archive([plainFile('command', encodeCommand(command)), ...files]);
  writeFileSync(initrd, Buffer.concat([readFileSync(await guestArchive()), own]));
  writeFileSync(console, '');

  const { accelerator, kernel, smp = 2, memory = '2048M', append = '', monitor } = options;
  const qemu = startQemu([...machineArguments({ accelerator, kernel, smp, memory, append, initrd, console, monitor }), ...devices]);
  const { end, status } = await firstEnd(qemu, complete, options);
  if (end === 'program') await fileContains(console, endOfRun);
  qemu.kill();
  const complaints = await qemu.ended;
  const log = readFileSync(console, 'latin1');
  return { end, status, splats: findSplats(log), console: log + complaints };
}

async function firstEnd(
  qemu: QemuProcess,
  complete: Promise<number>,
  options: MachineOptions,
): Promise<Ending> {
  const over = new AbortController();
  const ends: Promise<Ending>[] = [
    complete.then((status) => ({ end: 'program', status })),
    qemu.ended.then(() => ({ end: 'lost', status: undefined })),
  ];
  if (options.timeout !== undefined) {
    const time = delay(options.timeout * 1000, undefined, { signal: over.signal });
    ends.push(time.then(() => ({ end: 'timeout', status: undefined })));
    time.catch(() => {});
  }
  const { signal } = options;
  if (signal) {
    ends.push(
      new Promise((resolve) => {
        const abort = () => resolve({ end: 'aborted', status: undefined });
        if (signal.aborted) abort();
        signal.addEventListener('abort', abort, { once: true, signal: over.signal });
      }),
    );
  }
  try {
    return await Promise.race(ends);
  } finally {
    over.abort();
  }
}

/** The kernel's log comes in order: what precedes `text` is there too. A dead machine writes no more. */
async function fileContains(path: string, text: string): Promise<void> {
  for (let tries = 0; tries < 200 && !readFileSync(path, 'latin1').includes(text); tries++) await delay(10);
}

/** A directory in `parent` for one machine's sockets and files; it does not outlive this process. */
export async function inTemporaryDirectory<T>(parent: string, use: (directory: string) => Promise<T>): Promise<T> {
  const directory = temporaryDirectory(parent, 'vpi');
  const remove = () => rmSync(directory, { recursive: true, force: true });
  process.once('exit', remove);
  try {
    return await use(directory);
  } finally {
    process.off('exit', remove);
    remove();
  }
}
