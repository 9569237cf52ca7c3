/** What all calls share that move bytes between one buffer and one descriptor. */

import { native } from '../native.ts';
import { part } from './arguments.ts';
import { EAGAIN, EINTR, EOPNOTSUPP } from './errno.ts';
import { isKnown, learn } from './hints.ts';
import { SystemCall, type Call } from './system-call.ts';

/**
 * It is tried first inside the isolate, in a way that does not wait. That may stop where the call itself would go on: at
 * the end of what is in memory of a file, or when a pipe is full. Then it is tried for the rest, and at last made for it,
 * so that the sum is what the call alone would have done.
 */
export abstract class Transfer extends SystemCall<number> {
  // Declared only, as in Op: these are made for each call.
  declare protected readonly fd: number;
  /** What is still to be moved. */
  declare protected rest: Uint8Array;
  /** How long that was when it was last looked at. */
  declare protected left: number;
  declare private moved: number;

  constructor(fd: number, bytes: Uint8Array) {
    super();
    this.fd = fd;
    this.rest = bytes;
    this.left = bytes.byteLength;
    this.moved = 0;
  }

  /** The hint that says that trying is of no use. */
  protected abstract readonly hint: number;

  /** As the call, for the rest; EAGAIN where it would wait. */
  protected abstract try(): number;

  /** Less than asked for was moved: whether the call would not have ended there. */
  protected abstract goesOn(): boolean;

  /** `count` bytes are done. */
  protected advance(count: number): void {
    this.rest = part(this.rest, count);
    this.left -= count;
    this.moved += count;
  }

  protected override attempt(): void {
    if (isKnown(this.fd, this.hint)) return;
    for (;;) {
      if (this.rest.byteLength !== this.left) return this.reject(detached());
      const result = this.try();
      if (result === EAGAIN) return;
      if (result === EOPNOTSUPP) return learn(this.fd, this.hint);
      if (result <= 0 || result === this.left || !this.goesOn()) return this.receive(result);
      this.advance(result);
    }
  }

  /** The address and the length of the rest. */
  protected memory(): [address: number, length: number] {
    const address = native.pin(this.rest);
    if (this.rest.byteLength !== this.left) throw detached();
    return [address, this.left];
  }

  protected value(result: number): number {
    return this.moved + result;
  }

  /** What is moved is moved: an error after that comes out of the next call. */
  override receive(result: number): void {
    if (result < 0 && result !== EINTR && this.moved > 0) this.resolve(this.moved);
    else super.receive(result);
  }
}

/** The same for what can have a position: `read()` and `write()`. */
export abstract class FileTransfer extends Transfer {
  /** -1: the file's own. */
  declare protected position: number;

  constructor(fd: number, bytes: Uint8Array, position: number) {
    super(fd, bytes);
    this.position = position;
  }

  /** Of the system calls without and with a position. */
  protected abstract readonly number: number;
  protected abstract readonly numberAt: number;

  protected override advance(count: number): void {
    super.advance(count);
    if (this.position >= 0) this.position += count;
  }

  protected call(): Call {
    if (this.position < 0) return [this.number, this.fd, ...this.memory()];
    return [this.numberAt, this.fd, ...this.memory(), this.position];
  }
}

function detached(): TypeError {
  return new TypeError('the buffer was transferred after the op was made: its memory is gone');
}
