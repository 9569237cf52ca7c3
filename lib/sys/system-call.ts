/** The base of all ops of `node-vpi/sys`: a system call that may block its VP, and nobody else. */

import { VpiError } from '../vpi/error.ts';
import { KernelOp } from '../vpi/op.ts';
import { Opcode } from '../vpi/protocol.ts';

const EINTR = -4;

/** Arguments are numbers: descriptors, flags, and addresses of pinned memory. */
export type Arguments = readonly number[];

export abstract class SystemCall<T> extends KernelOp<T> {
  /** As in the system call table of x86-64. */
  protected abstract readonly number: number;

  /** The arguments; buffers are pinned by this. Called each time that the call is made. */
  protected abstract arguments(): Arguments;

  /** What a result that is no error means. */
  protected abstract value(result: number): T;

  /** What a result below 0 means; default: the error of that number. */
  protected failure(errno: number): unknown {
    return new VpiError(errno, this.name);
  }

  request(mailbox: Float64Array): boolean {
    const args = this.arguments();
    mailbox[0] = Opcode.syscall;
    mailbox[1] = this.number;
    for (let i = 0; i < 6; i++) mailbox[2 + i] = args[i] ?? 0;
    return true;
  }

  /** EINTR is no result: the call is made once more. */
  receive(result: number): void {
    if (result >= 0) this.resolve(this.value(result));
    else if (result !== EINTR) this.reject(this.failure(result));
  }
}
