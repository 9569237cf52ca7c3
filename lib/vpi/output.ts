/** Output and exit on a processor, whose event loop stands still. */

import { writeSync } from 'node:fs';
import { Writable } from 'node:stream';
import { native } from '../native.ts';

/** Writes at once; a Worker's own streams would wait for its parent's event loop. */
class SyncStream extends Writable {
  readonly fd: number;

  constructor(fd: number) {
    super({ decodeStrings: true });
    this.fd = fd;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    try {
      for (let written = 0; written < chunk.length; ) written += writeSome(this.fd, chunk.subarray(written));
      done();
    } catch (error) {
      done(error as Error);
    }
  }
}

function writeSome(fd: number, bytes: Buffer): number {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    // Somebody has made the pipe non-blocking, and nobody has read it yet.
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    native.yieldCpu();
    return 0;
  }
}

/** In a Worker: `process.stdout`, `process.stderr`, and with them `console`, write at once. */
export function writeSynchronously(): void {
  Object.defineProperty(process, 'stdout', { value: new SyncStream(1), configurable: true });
  Object.defineProperty(process, 'stderr', { value: new SyncStream(2), configurable: true });
}

type Exit = (status?: number) => never;

/**
 * `process.exit()` on this processor ends the whole process, after its `exit` handlers. Node's own way would end a Worker
 * alone; and on the main thread it would tear things down under the feet of VPs that still run.
 *
 * @returns what takes that back
 */
export function exitForAll(): () => void {
  const exiting = process as unknown as { reallyExit: Exit };
  const own = exiting.reallyExit;
  exiting.reallyExit = (status = 0) => native.exit(status);
  return () => void (exiting.reallyExit = own);
}
