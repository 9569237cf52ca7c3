/** Pipes for tests, made and filled without ops. */

import { closeSync, writeSync } from 'node:fs';
import { native } from '../../lib/native.ts';

export interface Pipe {
  readonly from: number;
  readonly to: number;
}

export function makePipe(): Pipe {
  const fds = new Int32Array(2);
  const result = native.syscall(293 /* pipe2 */, native.pin(fds), 0);
  if (result < 0) throw new Error(`pipe2: ${result}`);
  return { from: fds[0]!, to: fds[1]! };
}

export function fill({ to }: Pipe, text = 'x'): void {
  writeSync(to, text);
}

export function closePipe({ from, to }: Pipe): void {
  closeSync(from);
  closeSync(to);
}
