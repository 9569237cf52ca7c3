/** `read()` and `pread()`. */

import { native } from '../native.ts';
import type { KernelOp } from '../vpi/op.ts';
import { bytesToMove, checkedDescriptor, checkedPosition, checkedWhole, type Bytes } from './arguments.ts';
import { isRegularFile } from './file-type.ts';
import { unknownRead } from './hints.ts';
import { numbers } from './system-call-numbers.ts';
import { FileTransfer } from './transfer.ts';

class Read extends FileTransfer {
  get name(): string {
    return 'read';
  }

  protected get hint(): number {
    return unknownRead;
  }

  protected get number(): number {
    return numbers.read;
  }

  protected get numberAt(): number {
    return numbers.pread64;
  }

  protected try(): number {
    return native.attemptRead(this.fd, this.rest, this.left, this.position);
  }

  /** What follows in a file is not in memory, or there is nothing; others have no more now. */
  protected goesOn(): boolean {
    return isRegularFile(this.fd);
  }
}

/**
 * Reads into `buffer`, as `fs.readSync()`: at most `length` bytes, to `offset`, by default as many as it takes. With a
 * `position` it reads from there and leaves the file's own alone.
 *
 * Gives the number of bytes, 0 at the end of the file. A pipe, a terminal or a socket gives what there is, and waits if
 * that is nothing. What does not have to wait costs little more than the system call. For threads and managers.
 *
 * ```ts
 * const buffer = Buffer.alloc(4096);
 * const text = buffer.toString('utf8', 0, yield* read(fd, buffer));
 * ```
 *
 * @throws {VpiError} `EBADF`, `EISDIR`, `EIO`, …; `EAGAIN`: the descriptor is non-blocking, and there is nothing to read
 */
export function read(fd: number, buffer: Bytes, offset?: number | null, length?: number | null, position?: number | null): KernelOp<number> {
  return new Read(checkedDescriptor(fd), bytesToMove('buffer', buffer, offset, length), checkedPosition(position));
}

/**
 * Reads from `position` on, with the arguments of pread(2) in front: otherwise as `read()`.
 *
 * @throws {VpiError} `ESPIPE`: it has no positions
 */
export function pread(fd: number, buffer: Bytes, position: number, offset?: number, length?: number): KernelOp<number> {
  checkedWhole('position', position, 0, Number.MAX_SAFE_INTEGER);
  return read(fd, buffer, offset, length, position);
}
