/** Errors of the kernel and the native layer, in the shape of Node's own system errors. */

import { getSystemErrorMap, getSystemErrorName } from 'node:util';

const hints: Record<string, string> = {
  'vpi_init ENOSYS': 'this kernel has no virtual processor interface; run the program in the VM: npx vpi run FILE',
  'vpi_init EBUSY': 'an instance is active in this process already; finish() it first',
  'vpi_init EPROTO': "kernel and library speak different versions of the interface; build both from the same sources",
};

/**
 * A system call, or a function of the paper's interface, failed. `code` is the name of the error (`'EAGAIN'`), `errno`
 * its negative number, `syscall` what failed.
 */
export class VpiError extends Error {
  override readonly name = 'VpiError';
  readonly code: string;
  readonly errno: number;
  readonly syscall: string;

  /** @param errno below 0 */
  constructor(errno: number, syscall: string, advice?: string) {
    const [code, text] = describe(errno);
    const hint = advice ?? hints[`${syscall} ${code}`];
    super(`${code}: ${text}, ${syscall}${hint === undefined ? '' : ` (${hint})`}`);
    this.code = code;
    this.errno = errno;
    this.syscall = syscall;
  }
}

function describe(errno: number): [code: string, text: string] {
  const known = getSystemErrorMap().get(errno);
  if (known) return known;
  return [getSystemErrorName(errno), 'unknown error'];
}
