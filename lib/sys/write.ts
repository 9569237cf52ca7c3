/** `write()` and `pwrite()`. */

import { native } from '../native.ts';
import type { KernelOp } from '../vpi/op.ts';
import { checkedDescriptor, checkedPosition, checkedWhole, dataToMove, type Bytes } from './arguments.ts';
import { unknownWrite } from './hints.ts';
import { numbers } from './system-call-numbers.ts';
import { FileTransfer } from './transfer.ts';

class Write extends FileTransfer {
  get name(): string {
    return 'write';
  }

  protected get hint(): number {
    return unknownWrite;
  }

  protected get number(): number {
    return numbers.write;
  }

  protected get numberAt(): number {
    return numbers.pwrite64;
  }

  protected try(): number {
    return native.attemptWrite(this.fd, this.rest, this.left, this.position);
  }

  /** The rest has to wait for room. */
  protected goesOn(): boolean {
    return true;
  }
}

/**
 * Writes `data`: a string as UTF-8, or `length` bytes of a buffer from `offset` on, as `fs.writeSync()`; by default all.
 * With a `position` it writes there and leaves the file's own alone.
 *
 * Gives the number of bytes. As write(2), it can be less than asked for: where a disk becomes full, a descriptor is
 * non-blocking, or the call is interrupted; `writeFile()` goes on then. For threads and managers.
 *
 * @throws {VpiError} `EBADF`, `ENOSPC`, `EIO`, …; `EPIPE`: nobody will read it (there is no SIGPIPE: Node ignores it);
 *   `EAGAIN`: the descriptor is non-blocking, and there is no room
 */
export function write(fd: number, data: Bytes | string, offset?: number | null, length?: number | null, position?: number | null): KernelOp<number> {
  return new Write(checkedDescriptor(fd), dataToMove('data', data, offset, length), checkedPosition(position));
}

/**
 * Writes from `position` on, with the arguments of pwrite(2) in front: otherwise as `write()`.
 *
 * @throws {VpiError} `ESPIPE`: it has no positions
 */
export function pwrite(fd: number, data: Bytes | string, position: number, offset?: number, length?: number): KernelOp<number> {
  checkedWhole('position', position, 0, Number.MAX_SAFE_INTEGER);
  return write(fd, data, offset, length, position);
}
