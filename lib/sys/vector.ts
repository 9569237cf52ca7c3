/** `readv()` and `writev()`: several buffers in one call. */

import { native } from '../native.ts';
import type { KernelOp } from '../vpi/op.ts';
import { checkedBytes, checkedDescriptor, checkedPosition, shown, type Bytes } from './arguments.ts';
import { read } from './read.ts';
import { SystemCall, type Call } from './system-call.ts';
import { numbers } from './system-call-numbers.ts';
import { write } from './write.ts';

/** As many as the kernel takes at once. */
const mostBuffers = 1024;

/**
 * It is not tried without waiting first: its buffers would have to be pinned for that, which costs as much as to leave
 * the isolate.
 */
class VectorCall extends SystemCall<number> {
  readonly name: string;
  readonly #number: number;
  readonly #fd: number;
  readonly #buffers: readonly Uint8Array[];
  readonly #position: number;
  readonly #length: number;

  constructor(name: string, number: number, fd: number, buffers: readonly Uint8Array[], position: number) {
    super();
    this.name = name;
    this.#number = number;
    this.#fd = fd;
    this.#buffers = buffers;
    this.#position = position;
    this.#length = lengthOf(buffers);
  }

  protected call(): Call {
    if (lengthOf(this.#buffers) !== this.#length) throw new TypeError('one of the buffers was transferred after the op was made: its memory is gone');
    return [this.#number, this.#fd, native.pin(encodeVector(this.#buffers)), this.#buffers.length, Math.max(this.#position, 0)];
  }

  protected value(result: number): number {
    return result;
  }
}

function lengthOf(buffers: readonly Uint8Array[]): number {
  return buffers.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** `struct iovec[]`: address and length of each, 64 bits. */
export function encodeVector(buffers: readonly Uint8Array[]): BigUint64Array {
  const vector = new BigUint64Array(2 * buffers.length);
  for (const [i, buffer] of buffers.entries()) {
    vector[2 * i] = BigInt(native.pin(buffer));
    vector[2 * i + 1] = BigInt(buffer.byteLength);
  }
  return vector;
}

function checkedBuffers(buffers: readonly Bytes[]): Uint8Array[] {
  if (!Array.isArray(buffers)) throw new TypeError(`buffers must be an array, not ${shown(buffers)}`);
  if (buffers.length > mostBuffers) throw new RangeError(`buffers must be at most ${mostBuffers}, not ${buffers.length}`);
  return buffers.map((buffer: Bytes, i) => checkedBytes(`buffers[${i}]`, buffer));
}

/**
 * Fills one buffer after the other, as `fs.readvSync()`; otherwise as `read()`. Gives the number of bytes in all.
 * For threads and managers.
 */
export function readv(fd: number, buffers: readonly Bytes[], position?: number | null): KernelOp<number> {
  const checked = checkedBuffers(buffers);
  if (checked.length === 1) return read(fd, checked[0]!, undefined, undefined, position);
  const start = checkedPosition(position);
  return new VectorCall('readv', start < 0 ? numbers.readv : numbers.preadv, checkedDescriptor(fd), checked, start);
}

/**
 * Writes one buffer after the other, as `fs.writevSync()`; otherwise as `write()`. Gives the number of bytes in all.
 * For threads and managers.
 */
export function writev(fd: number, buffers: readonly Bytes[], position?: number | null): KernelOp<number> {
  const checked = checkedBuffers(buffers);
  if (checked.length === 1) return write(fd, checked[0]!, undefined, undefined, position);
  const start = checkedPosition(position);
  return new VectorCall('writev', start < 0 ? numbers.writev : numbers.pwritev, checkedDescriptor(fd), checked, start);
}
