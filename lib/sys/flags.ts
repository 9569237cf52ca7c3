/** Flags of `open()`, written as in `node:fs`. */

import { constants } from 'node:fs';
import { checkedWhole } from './arguments.ts';

const { O_RDONLY, O_RDWR, O_WRONLY, O_CREAT, O_TRUNC, O_APPEND, O_EXCL, O_SYNC } = constants;

/** `x`: it must not exist yet; `s`: written through to the disk. */
const flagsOf: Record<string, number> = {
  r: O_RDONLY,
  rs: O_RDONLY | O_SYNC,
  'r+': O_RDWR,
  'rs+': O_RDWR | O_SYNC,
  w: O_WRONLY | O_CREAT | O_TRUNC,
  wx: O_WRONLY | O_CREAT | O_TRUNC | O_EXCL,
  'w+': O_RDWR | O_CREAT | O_TRUNC,
  'wx+': O_RDWR | O_CREAT | O_TRUNC | O_EXCL,
  a: O_WRONLY | O_CREAT | O_APPEND,
  ax: O_WRONLY | O_CREAT | O_APPEND | O_EXCL,
  as: O_WRONLY | O_CREAT | O_APPEND | O_SYNC,
  'a+': O_RDWR | O_CREAT | O_APPEND,
  'ax+': O_RDWR | O_CREAT | O_APPEND | O_EXCL,
  'as+': O_RDWR | O_CREAT | O_APPEND | O_SYNC,
};

/** The same, as Node takes them too. */
const otherOrder: Record<string, string> = { sr: 'rs', 'sr+': 'rs+', xw: 'wx', 'xw+': 'wx+', xa: 'ax', 'xa+': 'ax+', sa: 'as', 'sa+': 'as+' };

export function encodeFlags(flags: string | number): number {
  if (typeof flags !== 'string') return checkedWhole('flags', flags, 0, 0x7fffffff);
  const name = Object.hasOwn(otherOrder, flags) ? otherOrder[flags]! : flags;
  if (!Object.hasOwn(flagsOf, name)) throw new TypeError(`flags must be a number or one of ${Object.keys(flagsOf).join(', ')}, not '${flags}'`);
  return flagsOf[name]!;
}
