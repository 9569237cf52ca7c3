/** Runs one program of the host in a new machine, with its input and output passed through. */

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable, type Readable } from 'node:stream';
import { Channel } from './channel.ts';
import { guestEnvironment, type GuestCommand } from './command.ts';
import { boot, inTemporaryDirectory, type MachineOptions, type VmResult } from './machine.ts';
import { Outcome } from './outcome.ts';
import { channelArguments } from './qemu.ts';

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

  return inTemporaryDirectory(tmpdir(), async (directory) => {
    const listen = (name: string) => Channel.listen(join(directory, name));
    const [stdin, stdout, stderr, status] = await Promise.all([listen('in'), listen('out'), listen('err'), listen('status')]);
    const collected = { stdout: new Collector(), stderr: new Collector() };
    const outcome = new Outcome();
    stdout.receiveInto(options.stdout ?? collected.stdout, (bytes) => outcome.received('out', bytes));
    stderr.receiveInto(options.stderr ?? collected.stderr, (bytes) => outcome.received('err', bytes));
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

function receiveLines(channel: Channel, take: (line: string) => void): void {
  let rest = '';
  channel.receive((chunk) => {
    const lines = (rest + chunk.toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
  });
}

/** Keeps what is written to it. */
class Collector extends Writable {
  readonly #chunks: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#chunks.push(chunk);
    done();
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

function emptyInput(): Readable {
  return new PassThrough().end();
}
