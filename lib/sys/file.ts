/** Files: open, close, read, write and their kin. */

import { native } from '../native.ts';
import type { KernelOp } from '../vpi/op.ts';
import { SystemCall, type Arguments } from './system-call.ts';

const EAGAIN = -11;
const EOPNOTSUPP = -95;
const AT_FDCWD = -100;

class Open extends SystemCall<number> {
  readonly name = 'open';
  protected readonly number = 257; // openat
  readonly #path: Buffer;
  readonly #flags: number;
  readonly #mode: number;

  constructor(path: string, flags: number, mode: number) {
    super();
    if (path.includes('\0')) throw new TypeError('path must not contain a NUL character');
    this.#path = Buffer.from(`${path}\0`);
    this.#flags = flags;
    this.#mode = mode;
  }

  protected arguments(): Arguments {
    return [AT_FDCWD, native.pin(this.#path), this.#flags, this.#mode];
  }

  protected value(result: number): number {
    return result;
  }
}

class Close extends SystemCall<void> {
  readonly name = 'close';
  protected readonly number = 3;
  readonly #fd: number;

  constructor(fd: number) {
    super();
    this.#fd = fd;
  }

  protected arguments(): Arguments {
    return [this.#fd];
  }

  protected value(): void {}
}

class Read extends SystemCall<number> {
  readonly name = 'read';
  protected readonly number = 0;
  readonly #fd: number;
  readonly #buffer: ArrayBufferView;

  constructor(fd: number, buffer: ArrayBufferView) {
    super();
    this.#fd = fd;
    this.#buffer = buffer;
  }

  protected override attempt(): void {
    const result = native.attemptRead(this.#fd, this.#buffer, -1);
    if (result !== EAGAIN && result !== EOPNOTSUPP) this.receive(result);
  }

  protected arguments(): Arguments {
    return [this.#fd, native.pin(this.#buffer), this.#buffer.byteLength];
  }

  protected value(result: number): number {
    return result;
  }
}

export function open(path: string, flags = 0, mode = 0o666): KernelOp<number> {
  return new Open(path, flags | 0o2000000 /* O_CLOEXEC */, mode);
}

export function close(fd: number): KernelOp<void> {
  return new Close(fd);
}

export function read(fd: number, buffer: ArrayBufferView): KernelOp<number> {
  return new Read(fd, buffer);
}
