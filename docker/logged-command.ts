/** A command whose output goes to a log file; if it fails, the end of that log is the error. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Interruption } from './interruption.ts';

export interface LoggedOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Appended to. */
  log: string;
  /** Called for each line of standard output. */
  line?: (text: string) => void;
  /** More descriptors for the command and its children to keep open. */
  keep?: number[];
}

export class CommandFailed extends Error {
  /** The signal that ended the command, if one did. */
  readonly signal: string | undefined;

  constructor(message: string, signal: string | null) {
    super(message);
    this.signal = signal ?? undefined;
  }
}

/**
 * Runs the command to its end. When this process is interrupted, the command and all that it has started
 * get SIGTERM and are waited for: make then removes what it has half made. When this process dies, the
 * command gets SIGTERM from the kernel, and what it has started finds its output closed.
 */
export async function runLogged(command: string, args: string[], options: LoggedOptions): Promise<void> {
  const log = openSync(options.log, 'a');
  writeSync(log, `$ ${command} ${args.join(' ')}\n`);
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', '--', command, ...args], {
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    env: options.env ?? process.env,
    stdio: ['ignore', 'pipe', log, ...(options.keep ?? [])],
    // A process group of its own: make's own makes run below shells that pass no signal on.
    detached: true,
  });
  using interruption = new Interruption();
  interruption.signal.addEventListener('abort', () => endGroup(child.pid!));
  try {
    createInterface({ input: child.stdout! }).on('line', (text) => {
      writeSync(log, `${text}\n`);
      options.line?.(text);
    });
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    interruption.signal.throwIfAborted();
    if (code !== 0) {
      const how = signal ? `ended by ${signal}` : `exit status ${code}`;
      throw new CommandFailed(`${lastLines(options.log)}\n\n${command} failed (${how}). All of its output: ${options.log}`, signal);
    }
  } finally {
    closeSync(log);
  }
}

function endGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGTERM');
  } catch {
    // All of them have ended meanwhile.
  }
}

function lastLines(path: string): string {
  return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-40).join('\n');
}
