/** A QEMU process that cannot outlive this one. */

import { spawn } from 'node:child_process';

export interface QemuProcess {
  /** Resolves when the process is gone, with what it wrote on stderr. */
  ended: Promise<string>;
  kill(): void;
}

export const qemuProgram = 'qemu-system-x86_64';

/**
 * The kernel kills QEMU when this process dies, however it dies. If it died before the request for
 * that took effect, the shell finds another parent and starts nothing.
 */
const dieWithParent = ['--pdeathsig', 'KILL', '--', 'sh', '-c', '[ "$PPID" = "$0" ] && exec "$@"'];

export function startQemu(args: string[]): QemuProcess {
  const child = spawn('setpriv', [...dieWithParent, String(process.pid), qemuProgram, ...args], {
    // A session of its own: Ctrl-C at the terminal is for us to handle.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const ended = new Promise<string>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve(complaints));
  });
  return { ended, kill: () => void child.kill('SIGKILL') };
}
