/** The base of the ops of `node-vpi/sys`: a system call that may block its VP, and nobody else. */

import { VpiError } from '../vpi/error.ts';
import { KernelOp } from '../vpi/op.ts';
import { Opcode } from '../vpi/protocol.ts';
import { EINTR } from './errno.ts';

/** The number of a system call and its arguments, at most six: descriptors, flags, addresses of pinned memory. */
export type Call = readonly number[];

export abstract class SystemCall<T> extends KernelOp<T> {
  /** What is to be called. Pins its buffers; asked for each time that the call is made. */
  protected abstract call(): Call;

  /** What a result that is no error means. */
  protected abstract value(result: number): T;

  /** What a result below 0 means. */
  protected failure(errno: number): Error {
    return new VpiError(errno, this.name);
  }

  request(mailbox: Float64Array): boolean {
    let call;
    try {
      call = this.call();
    } catch (error) {
      this.reject(error);
      return false;
    }
    mailbox[0] = Opcode.syscall;
    for (let i = 0; i < 7; i++) mailbox[1 + i] = call[i] ?? 0;
    return true;
  }

  /** EINTR is no result: the call is made once more, unless whoever interrupted it has settled this op before. */
  receive(result: number): void {
    if (result >= 0) this.resolve(this.value(result));
    else if (result !== EINTR) this.reject(this.failure(result));
  }
}

/** A system call whose arguments are numbers, and that tells nothing but that it succeeded. */
export class PlainCall extends SystemCall<void> {
  readonly name: string;
  readonly #call: Call;

  constructor(name: string, ...call: number[]) {
    super();
    this.name = name;
    this.#call = call;
  }

  protected call(): Call {
    return this.#call;
  }

  protected value(): void {}
}
