/** Checks of arguments, before any system call: a TypeError or RangeError that names the argument. */

import { inspect } from 'node:util';

/** What is read into or written from: a Buffer, any other TypedArray, or a DataView. */
export type Bytes = NodeJS.ArrayBufferView;

const most = 0x7fffffff;

/** A file descriptor, or any other number from 0 to 2^31 - 1. */
export function checkedDescriptor(fd: number, name = 'fd'): number {
  return typeof fd === 'number' && (fd & most) === fd ? fd : checkedWhole(name, fd, 0, most);
}

export function checkedWhole(name: string, value: number, least: number, most: number): number {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, not ${shown(value)}`);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`${name} must be a whole number from ${least} to ${most}, not ${value}`);
  }
  return value;
}

/** Bits that may be set, and no others. */
export function checkedBits(name: string, value: number, allowed: number): number {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, not ${shown(value)}`);
  if ((value & allowed) !== value) throw new RangeError(`${name} has bits that mean nothing here: ${value}`);
  return value;
}

/** A position in a file; null, undefined: the file's own, which the kernel calls -1 here. */
export function checkedPosition(position: number | null | undefined): number {
  return position == null ? -1 : checkedWhole('position', position, 0, Number.MAX_SAFE_INTEGER);
}

/**
 * The bytes that are meant: `length` from `offset` on, by default all that follow.
 *
 * Memory that can be resized is refused, since it could go away while the kernel writes to it. A buffer that is detached
 * during the call is not such a case: its memory is kept until the call is over.
 */
export function checkedBytes(name: string, view: Bytes, offset?: number | null, length?: number | null): Uint8Array {
  if (ArrayBuffer.isView(view) && isResizable(view.buffer)) throw new TypeError(`${name} must not lie in a resizable buffer: its memory could go away during the call`);
  return bytesToMove(name, view, offset, length);
}

/**
 * The same for what is first tried: there the addon refuses memory that can be resized, as it does where it is pinned. To
 * look at a view's buffer from here costs as much as the rest of such a call.
 */
export function bytesToMove(name: string, view: Bytes, offset?: number | null, length?: number | null): Uint8Array {
  if (!ArrayBuffer.isView(view)) throw new TypeError(`${name} must be a Buffer, a TypedArray or a DataView, not ${shown(view)}`);
  const isByteArray = view instanceof Uint8Array;
  // A DataView does not even tell its length then.
  if ((!isByteArray || view.byteLength === 0) && isDetached(view.buffer)) throw new TypeError(`${name} is detached: its memory was transferred`);
  const bytes = isByteArray ? view : new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  if (offset == null && length == null) return bytes;
  const start = offset == null ? 0 : checkedWhole('offset', offset, 0, bytes.byteLength);
  const rest = bytes.byteLength - start;
  return part(bytes, start, length == null ? rest : checkedWhole('length', length, 0, rest));
}

/** As `subarray()`, which would ask the class of `bytes`. */
export function part(bytes: Uint8Array, start: number, length = bytes.byteLength - start): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, length);
}

/** What is to be written, for what is first tried: bytes, or a string, which is written as UTF-8. */
export function dataToMove(name: string, data: string | Bytes, offset?: number | null, length?: number | null): Uint8Array {
  if (typeof data !== 'string') return bytesToMove(name, data, offset, length);
  if (offset != null || length != null) throw new TypeError('offset and length are for buffers: a string is written whole');
  return Buffer.from(data);
}

function isResizable(buffer: ArrayBufferLike): boolean {
  return 'resizable' in buffer ? buffer.resizable : buffer.growable;
}

/** Shared memory cannot be detached, and says nothing about it. */
function isDetached(buffer: ArrayBufferLike): boolean {
  return (buffer as Partial<ArrayBuffer>).detached === true;
}

/** A value in a message. */
export function shown(value: unknown): string {
  return inspect(value, { depth: 0, breakLength: Infinity });
}
