/** What kind of file a descriptor stands for. */

import { constants } from 'node:fs';
import { native } from '../native.ts';
import { isKnown, learn, stream } from './hints.ts';
import { scratch, scratchAddress } from './scratch.ts';
import { numbers } from './system-call-numbers.ts';

const { S_IFMT, S_IFREG } = constants;
const AT_EMPTY_PATH = 0x1000;
/** What the kernel knows already: it asks no server. */
const AT_STATX_DONT_SYNC = 0x4000;
const STATX_TYPE = 1;
const modeOffset = 28;
/** Behind `struct statx`. */
const emptyPathOffset = 256;

export function isRegularFile(fd: number): boolean {
  if (isKnown(fd, stream)) return false;
  scratch[emptyPathOffset] = 0;
  const flags = AT_EMPTY_PATH | AT_STATX_DONT_SYNC;
  const result = native.syscall(numbers.statx, fd, scratchAddress + emptyPathOffset, flags, STATX_TYPE, scratchAddress);
  if (result === 0 && (scratch.readUInt16LE(modeOffset) & S_IFMT) === S_IFREG) return true;
  learn(fd, stream);
  return false;
}
