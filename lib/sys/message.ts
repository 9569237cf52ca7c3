/** `recv()` and `send()`: reading and writing a socket, with flags. */

import { native } from '../native.ts';
import type { KernelOp } from '../vpi/op.ts';
import { bytesToMove, checkedDescriptor, checkedWhole, dataToMove, type Bytes } from './arguments.ts';
import { constants } from './constants.ts';
import { unknownRead, unknownWrite } from './hints.ts';
import type { Call } from './system-call.ts';
import { numbers } from './system-call-numbers.ts';
import { Transfer } from './transfer.ts';

const { MSG_DONTWAIT, MSG_WAITALL } = constants;
/** That nobody will read it is told by an error, and by no signal. */
const MSG_NOSIGNAL = 0x4000;

class Receive extends Transfer {
  declare private readonly flags: number;

  constructor(fd: number, bytes: Uint8Array, flags: number) {
    super(fd, bytes);
    this.flags = flags;
  }

  get name(): string {
    return 'recv';
  }

  protected get hint(): number {
    return unknownRead;
  }

  /** It would not wait for all. */
  protected override attempt(): void {
    if ((this.flags & MSG_WAITALL) === 0) super.attempt();
  }

  protected try(): number {
    return native.attemptReceive(this.fd, this.rest, this.left, this.flags);
  }

  protected goesOn(): boolean {
    return false;
  }

  protected call(): Call {
    return [numbers.recvfrom, this.fd, ...this.memory(), this.flags];
  }
}

class Send extends Transfer {
  declare private readonly flags: number;

  constructor(fd: number, bytes: Uint8Array, flags: number) {
    super(fd, bytes);
    this.flags = flags | MSG_NOSIGNAL;
  }

  get name(): string {
    return 'send';
  }

  protected get hint(): number {
    return unknownWrite;
  }

  protected try(): number {
    return native.attemptSend(this.fd, this.rest, this.left, this.flags);
  }

  /** The rest has to wait for room. */
  protected goesOn(): boolean {
    return (this.flags & MSG_DONTWAIT) === 0;
  }

  protected call(): Call {
    return [numbers.sendto, this.fd, ...this.memory(), this.flags];
  }
}

/**
 * Reads from a socket: `flags` is 0 or `constants.MSG_…`, such as `MSG_PEEK` (it can be read once more) and `MSG_WAITALL`
 * (not less than `buffer` takes). Gives the number of bytes, 0 when the other end has no more to say. For threads and
 * managers.
 *
 * @throws {VpiError} `ECONNRESET`, `ENOTSOCK`, …; `EAGAIN`: with `MSG_DONTWAIT`, there is nothing
 */
export function recv(fd: number, buffer: Bytes, flags = 0): KernelOp<number> {
  return new Receive(checkedDescriptor(fd), bytesToMove('buffer', buffer), checkedWhole('flags', flags, 0, 0x7fffffff));
}

/**
 * Writes to a socket; a string as UTF-8. Gives the number of bytes: all, unless the descriptor is non-blocking, the call
 * is interrupted, or `flags` has `MSG_DONTWAIT`. For threads and managers.
 *
 * @throws {VpiError} `EPIPE`, `ECONNRESET`: the other end is gone; `ENOTSOCK`, …; `EAGAIN`: with `MSG_DONTWAIT`, there is
 *   no room
 */
export function send(fd: number, data: Bytes | string, flags = 0): KernelOp<number> {
  return new Send(checkedDescriptor(fd), dataToMove('data', data), checkedWhole('flags', flags, 0, 0x7fffffff));
}
