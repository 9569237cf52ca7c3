/** Errors of the kernel and the native layer, in the shape of Node's own system errors. */

import { constants } from 'node:os';
import { getSystemErrorMap, getSystemErrorName } from 'node:util';

const hints: Record<string, string> = {
  'vpi_init ENOSYS': 'this kernel has no virtual processor interface; run the program in the VM: npx vpi run FILE',
  'vpi_init EBUSY': 'an instance is active in this process already; finish() it first',
  'vpi_init EPROTO': "kernel and library speak different versions of the interface; build both from the same sources",
};

/** What a failed call was about, and what helps. */
export interface ErrorDetails {
  advice?: string;
  /** A file, or a socket in the file system. */
  path?: string;
  /** The other end. */
  address?: string;
  port?: number;
}

/**
 * A system call, or a function of the paper's interface, failed. `code` is the name of the error (`'EAGAIN'`), `errno`
 * its negative number, `syscall` what failed; `path`, or `address` and `port`, are there if it was about one.
 */
export class VpiError extends Error {
  override readonly name = 'VpiError';
  readonly code: string;
  readonly errno: number;
  readonly syscall: string;
  declare readonly path?: string;
  declare readonly address?: string;
  declare readonly port?: number;

  /** @param errno below 0 */
  constructor(errno: number, syscall: string, { advice, ...subject }: ErrorDetails = {}) {
    const [code, text] = describe(errno);
    const hint = advice ?? hints[`${syscall} ${code}`];
    super(`${code}: ${text}, ${syscall}${shown(subject)}${hint === undefined ? '' : ` (${hint})`}`);
    this.code = code;
    this.errno = errno;
    this.syscall = syscall;
    Object.assign(this, subject);
  }
}

function shown({ path, address, port }: ErrorDetails): string {
  if (path !== undefined) return ` '${path}'`;
  if (address !== undefined) return ` ${address.includes(':') ? `[${address}]` : address}:${port}`;
  return '';
}

/** Errors that Linux has and Node cannot name. */
const unknownToNode: Record<string, string> = {
  ECHILD: 'no child processes',
  EDEADLK: 'resource deadlock would occur',
  EDQUOT: 'disk quota exceeded',
  EINPROGRESS: 'operation now in progress',
  ENOLCK: 'no locks available',
  ESTALE: 'stale file handle',
};

function describe(errno: number): [code: string, text: string] {
  const known = getSystemErrorMap().get(errno);
  if (known) return known;
  const code = Object.entries(constants.errno).find(([, number]) => number === -errno)?.[0] ?? getSystemErrorName(errno);
  return [code, unknownToNode[code] ?? 'unknown error'];
}
