/**
 * What the guest shall run, as the file `/command` of its initramfs: NUL-terminated records
 * `key=value`, so that arguments may hold anything that an argument can hold. Read by `docker/guest/command.c`.
 */

import { Buffer } from 'node:buffer';

export interface GuestCommand {
  /** The host's files over 9p, or the initramfs alone. */
  files: 'host' | 'initramfs';
  /** Path of the program in the guest; none: the machine boots and ends. */
  program?: string;
  /** Arguments, the program's name first. */
  argv: string[];
  env: Record<string, string>;
  cwd: string;
  /** Directory that is the host's, read-write. */
  shared?: string;
  /** Size of the terminal that the program gets instead of pipes. */
  terminal?: { rows: number; columns: number };
}

export function encodeCommand(command: GuestCommand): Buffer {
  const records: [string, string][] = [
    ['files', command.files],
    ['cwd', command.cwd],
    ['hostname', 'vpi'],
  ];
  if (command.program !== undefined) records.push(['program', command.program]);
  if (command.shared !== undefined) records.push(['shared', command.shared]);
  if (command.terminal) records.push(['tty', `${command.terminal.rows} ${command.terminal.columns}`]);
  for (const argument of command.argv) records.push(['arg', argument]);
  for (const [name, value] of Object.entries(command.env)) records.push(['env', `${name}=${value}`]);
  return Buffer.concat(records.map(([key, value]) => encodeRecord(key, value)));
}

function encodeRecord(key: string, value: string): Buffer {
  if (value.includes('\0')) throw new TypeError(`${key} contains a NUL byte: ${JSON.stringify(value)}`);
  return Buffer.from(`${key}=${value}\0`);
}

const passedNames = new Set(['PATH', 'HOME', 'USER', 'LOGNAME', 'TERM', 'LANG', 'TZ', 'CI', 'NO_COLOR', 'FORCE_COLOR']);
const passedPrefixes = ['VPI_', 'LC_', 'TAP_', 'NODE_'];

/** The part of an environment that means the same in the guest. */
export function guestEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    const wanted = passedNames.has(name) || passedPrefixes.some((prefix) => name.startsWith(prefix));
    if (wanted && value !== undefined) passed[name] = value;
  }
  return passed;
}
