/** Boots the guest, runs one program in it with its input and output passed through, and ends it. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { Channel } from './channel.ts';
import { encodeCommand, guestEnvironment, type GuestCommand } from './command.ts';
import { archive, executable, plainFile, type ArchiveFile } from './cpio.ts';
import { guestArchive } from './initramfs.ts';
import { channelArguments, machineArguments, recordArguments, type Accelerator } from './qemu.ts';
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
  /** Seconds after which the machine is ended, boot included; default: never. */
  timeout?: number;
  /** Ends the machine when it is aborted. */
  signal?: AbortSignal;
}

export interface VmOptions extends MachineOptions {
  /** Absolute path of an executable; the guest sees the host's files. */
  program: string;
  args?: string[];
  /** Shared with the guest read-write; default: this process's. */
  cwd?: string;
  /** Default: the part of this process's environment that means the same in the guest. */
  env?: Record<string, string>;
  /** Default: empty input. */
  stdin?: Readable;
  /** Default: what the result's `stdout` collects. */
  stdout?: Writable;
  stderr?: Writable;
  /** The program gets a terminal of this size instead of pipes, and follows `onResize`. */
  terminal?: { rows: number; columns: number; onResize?: (resized: (rows: number, columns: number) => void) => void };
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

/** Runs `options.program` in a new machine. The promise is rejected only if no machine could be started. */
export async function runInVm(options: VmOptions): Promise<VmResult> {
  const cwd = options.cwd ?? process.cwd();
  // The root itself must stay read-only, even for who works in it.
  const shared = cwd === '/' ? undefined : cwd;
  const command: GuestCommand = {
    files: 'host',
    program: options.program,
    argv: [options.program, ...(options.args ?? [])],
    env: options.env ?? guestEnvironment(process.env),
    cwd,
    ...(shared !== undefined && { shared }),
    ...(options.terminal && { terminal: options.terminal }),
  };

  return inTemporaryDirectory(async (directory) => {
    const [stdin, stdout, stderr, status] = await Promise.all(
      ['in', 'out', 'err', 'status'].map((name) => Channel.listen(join(directory, name))),
    ) as [Channel, Channel, Channel, Channel];
    const collected = { stdout: new Collector(), stderr: new Collector() };
    const outcome = new Outcome();
    stdout.receiveInto(options.stdout ?? collected.stdout.stream, (bytes) => outcome.received('out', bytes));
    stderr.receiveInto(options.stderr ?? collected.stderr.stream, (bytes) => outcome.received('err', bytes));
    receiveLines(status, (line) => {
      // Not before: until the guest reads its port, an end of input would be lost on it.
      if (line === 'ready') stdin.send(options.stdin ?? emptyInput());
      else outcome.reported(line);
    });
    options.terminal?.onResize?.((rows, columns) => status.sendLine(`winsize ${rows} ${columns}`));

    try {
      const paths = { stdin: stdin.path, stdout: stdout.path, stderr: stderr.path, status: status.path };
      const result = await boot(directory, options, command, [], channelArguments(paths, shared), outcome.complete);
      return { ...result, stdout: collected.stdout.bytes(), stderr: collected.stderr.bytes() };
    } finally {
      for (const channel of [stdin, stdout, stderr, status]) channel.close();
    }
  });
}

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

  return inTemporaryDirectory(async (directory) => {
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

/** Boots a machine and waits for its end; `complete` resolves to the program's status once all output is here. */
async function boot(
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

  const { accelerator, kernel, smp = 2, memory = '2048M', append = '' } = options;
  const qemu = startQemu([...machineArguments({ accelerator, kernel, smp, memory, append, initrd, console }), ...devices]);
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
): Promise<Pick<VmResult, 'end' | 'status'>> {
  const over = new AbortController();
  const ends: Promise<Pick<VmResult, 'end' | 'status'>>[] = [
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

/** The program's status and output counts, as the guest reports them, and how much has come in. */
class Outcome {
  readonly complete: Promise<number>;
  #resolve!: (status: number) => void;
  #received = { out: 0, err: 0 };
  #report: Report | undefined;

  constructor() {
    this.complete = new Promise((resolve) => (this.#resolve = resolve));
  }

  received(channel: 'out' | 'err', bytes: number): void {
    this.#received[channel] += bytes;
    this.#check();
  }

  reported(line: string): void {
    this.#report = parseReport(line);
    this.#check();
  }

  #check(): void {
    const report = this.#report;
    if (report && this.#received.out >= report.out && this.#received.err >= report.err) this.#resolve(report.status);
  }
}

interface Report {
  status: number;
  out: number;
  err: number;
}

function parseReport(line: string): Report | undefined {
  const match = /^done (\d+) (\d+) (\d+)$/.exec(line);
  return match ? { status: Number(match[1]), out: Number(match[2]), err: Number(match[3]) } : undefined;
}

function receiveLines(channel: Channel, take: (line: string) => void): void {
  let rest = '';
  channel.receive((chunk) => {
    const lines = (rest + chunk.toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
  });
}

class Collector {
  readonly stream = new PassThrough();
  readonly #chunks: Buffer[] = [];

  constructor() {
    this.stream.on('data', (chunk: Buffer) => this.#chunks.push(chunk));
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

function emptyInput(): Readable {
  return new PassThrough().end();
}

/** The kernel's log comes in order: what precedes `text` is there too. A dead machine writes no more. */
async function fileContains(path: string, text: string): Promise<void> {
  for (let tries = 0; tries < 200 && !readFileSync(path, 'latin1').includes(text); tries++) await delay(10);
}

async function inTemporaryDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'vpi-'));
  const remove = () => rmSync(directory, { recursive: true, force: true });
  process.once('exit', remove);
  try {
    return await use(directory);
  } finally {
    process.off('exit', remove);
    remove();
  }
}
