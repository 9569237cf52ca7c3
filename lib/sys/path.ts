/** Paths on their way into the kernel. */

import type { PathLike } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { shown } from './arguments.ts';

/** With the NUL that ends it. */
export function encodePath(path: PathLike): Buffer {
  const bytes = bytesOf(path);
  if (bytes.includes(0)) throw new TypeError('path must not contain a NUL');
  return Buffer.concat([bytes, Buffer.alloc(1)]);
}

function bytesOf(path: PathLike): Uint8Array {
  if (typeof path === 'string') return Buffer.from(path);
  if (path instanceof Uint8Array) return path;
  if (path instanceof URL) return Buffer.from(fileURLToPath(path));
  throw new TypeError(`path must be a string, a Buffer or a file: URL, not ${shown(path)}`);
}

/** For messages. */
export function decodePath(encoded: Buffer): string {
  return encoded.toString('utf8', 0, encoded.length - 1);
}
