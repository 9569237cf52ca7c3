/**
 * A cpio archive in the "newc" format: what the kernel unpacks as its first file system.
 * Archives can be joined end to end; the kernel unpacks them one after the other.
 */

import { Buffer } from 'node:buffer';

export interface ArchiveFile {
  /** Path from the root, without a leading slash. Parents that are no part of the archive must exist. */
  path: string;
  /** File type and permissions, as in `st_mode`. */
  mode: number;
  data: Buffer;
}

const regular = 0o100000;
const directory = 0o040000;

export function executable(path: string, data: Buffer): ArchiveFile {
  return { path, mode: regular | 0o755, data };
}

export function plainFile(path: string, data: Buffer): ArchiveFile {
  return { path, mode: regular | 0o644, data };
}

export function emptyDirectory(path: string): ArchiveFile {
  return { path, mode: directory | 0o755, data: Buffer.alloc(0) };
}

/** The same files always give the same bytes: no times, no owners, numbered in their order. */
export function archive(files: ArchiveFile[]): Buffer {
  const parts = files.map((file, index) => entry(file, index + 1));
  parts.push(entry({ path: 'TRAILER!!!', mode: 0, data: Buffer.alloc(0) }, 0));
  return Buffer.concat(parts);
}

function entry(file: ArchiveFile, inode: number): Buffer {
  const name = Buffer.from(`${file.path}\0`);
  const fields = [inode, file.mode, 0, 0, 1, 0, file.data.length, 0, 0, 0, 0, name.length, 0];
  const header = Buffer.from('070701' + fields.map((value) => hex8(value)).join(''));
  return Buffer.concat([padded(Buffer.concat([header, name])), padded(file.data)]);
}

function hex8(value: number): string {
  return value.toString(16).padStart(8, '0');
}

function padded(data: Buffer): Buffer {
  return Buffer.concat([data, Buffer.alloc(-data.length & 3)]);
}
