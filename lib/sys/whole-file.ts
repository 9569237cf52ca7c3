/** `readFile()` and `writeFile()`. */

import type { PathLike } from 'node:fs';
import type { Op, OpGenerator } from '../vpi/op.ts';
import { checkedBytes, part, shown, type Bytes } from './arguments.ts';
import { close, open } from './file.ts';
import { read } from './read.ts';
import { write } from './write.ts';

export interface ReadFileOptions {
  /** Without it, the bytes. */
  encoding?: BufferEncoding | null;
  /** Default: `'r'`. */
  flag?: string | number;
}

export interface WriteFileOptions {
  /** Of a string; default: `'utf8'`. */
  encoding?: BufferEncoding | null;
  /** Of a new file; default: 0o666. */
  mode?: number;
  /** Default: `'w'`. */
  flag?: string | number;
}

/** Pieces in which files are read: small ones, and files whose size nobody knows, shall not cost much. */
const firstPiece = 64 * 1024;
const largestPiece = 1024 * 1024;

/**
 * Reads a whole file, as `fs.readFileSync()`: to a string if an encoding is given, else to a Buffer. A descriptor is read
 * from where it stands, and left open. For threads and managers.
 *
 * ```ts
 * const text = yield* readFile('/etc/hostname', 'utf8');
 * ```
 *
 * @throws {VpiError} as `open()` and `read()`
 */
export function readFile(file: PathLike | number, options: BufferEncoding | (ReadFileOptions & { encoding: BufferEncoding })): OpGenerator<string>;
export function readFile(file: PathLike | number, options?: (ReadFileOptions & { encoding?: null }) | null): OpGenerator<Buffer>;
export function readFile(file: PathLike | number, options?: BufferEncoding | ReadFileOptions | null): OpGenerator<string | Buffer>;
export function readFile(file: PathLike | number, options?: BufferEncoding | ReadFileOptions | null): OpGenerator<string | Buffer> {
  const { encoding, flag = 'r' } = normalized(options);
  return decoding(typeof file === 'number' ? readAll(file) : withFile(open(file, flag), readAll), encoding);
}

function* decoding(bytes: OpGenerator<Buffer>, encoding: BufferEncoding | null | undefined): OpGenerator<string | Buffer> {
  const all = yield* bytes;
  return encoding == null ? all : all.toString(encoding);
}

function* readAll(fd: number): OpGenerator<Buffer> {
  const full: Buffer[] = [];
  let piece = Buffer.allocUnsafe(firstPiece);
  let used = 0;
  for (let count; (count = yield* read(fd, piece, used)) > 0; ) {
    used += count;
    if (used < piece.length) continue;
    full.push(piece);
    piece = Buffer.allocUnsafe(Math.min(2 * piece.length, largestPiece));
    used = 0;
  }
  return Buffer.concat([...full, piece.subarray(0, used)]);
}

/**
 * Writes a whole file, as `fs.writeFileSync()`: what was in it is gone. To a descriptor it is written where that stands.
 * For threads and managers.
 *
 * @throws {VpiError} as `open()`, `write()` and `close()`; something may be written then
 */
export function writeFile(file: PathLike | number, data: string | Bytes, options?: BufferEncoding | WriteFileOptions | null): OpGenerator {
  const { encoding, mode, flag = 'w' } = normalized(options);
  const bytes = typeof data === 'string' ? Buffer.from(data, encoding ?? 'utf8') : checkedBytes('data', data);
  const writing = (fd: number) => writeAll(fd, bytes);
  return typeof file === 'number' ? writing(file) : withFile(open(file, flag, mode), writing);
}

function* writeAll(fd: number, bytes: Uint8Array): OpGenerator {
  for (let rest = bytes; rest.length > 0; ) rest = part(rest, yield* write(fd, rest));
}

/** The file is closed, whatever happens. */
function* withFile<T>(opening: Op<number>, use: (fd: number) => OpGenerator<T>): OpGenerator<T> {
  const fd = yield* opening;
  try {
    return yield* use(fd);
  } finally {
    yield* close(fd);
  }
}

function normalized<O extends { encoding?: BufferEncoding | null }>(options: BufferEncoding | O | null | undefined): Partial<O> {
  const normal = (typeof options === 'string' ? { encoding: options } : (options ?? {})) as Partial<O>;
  const { encoding } = normal;
  if (encoding != null && !Buffer.isEncoding(encoding)) throw new TypeError(`encoding must be one that Buffer knows, not ${shown(encoding)}`);
  return normal;
}
