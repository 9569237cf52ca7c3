/**
 * System calls that do not wait for anything, however the rest of the system behaves: they are made inside the isolate,
 * which costs less than to leave it.
 */

import { native } from '../native.ts';
import { VpiError } from '../vpi/error.ts';
import { Op } from '../vpi/op.ts';

/** Makes a system call here and now; throws what it fails with. `name` is for the error. */
export function callAtOnce(name: string, number: number, ...args: number[]): number {
  const result = native.syscall(number, ...args);
  if (result < 0) throw new VpiError(result, name);
  return result;
}

/** An op all the same: so everything in `node-vpi/sys` is used in one way, by `yield*`. */
class AtOnce<T> extends Op<T> {
  readonly name: string;
  readonly #run: () => T;

  constructor(name: string, run: () => T) {
    super();
    this.name = name;
    this.#run = run;
  }

  protected override attempt(): void {
    try {
      this.resolve(this.#run());
    } catch (error) {
      this.reject(error);
    }
  }
}

export function atOnce<T>(name: string, run: () => T): Op<T> {
  return new AtOnce(name, run);
}
