/**
 * A lock between processes that the kernel releases when its last holder is gone: `flock(2)` on an
 * open file. Child processes that are given the descriptor hold the lock too, so that a build whose
 * starter was killed still keeps others away until its compilers have ended.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';

export class Lock implements Disposable {
  /** To be inherited by children that must not be overtaken. */
  readonly fd: number;

  private constructor(fd: number) {
    this.fd = fd;
  }

  /** Waits for the lock on the file `path`; `waiting` is called if somebody else has it. */
  static async acquire(path: string, waiting: () => void): Promise<Lock> {
    const fd = openSync(path, 'a');
    try {
      if (!(await flock(fd, '--nonblock'))) {
        waiting();
        if (!(await flock(fd))) throw new Error(`cannot lock ${path}`);
      }
      return new Lock(fd);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.fd);
  }
}

/** The lock belongs to the open file, which we share with the short-lived command that takes it. */
async function flock(fd: number, ...options: string[]): Promise<boolean> {
  const taker = spawn('setpriv', ['--pdeathsig', 'KILL', '--', 'flock', '--exclusive', ...options, '3'], {
    stdio: ['ignore', 'ignore', 'inherit', fd],
  });
  const [code] = (await once(taker, 'exit')) as [number | null];
  return code === 0;
}
