/** `nanosleep()`. */

import { native } from '../native.ts';
import type { KernelOp } from '../vpi/op.ts';
import { shown } from './arguments.ts';
import { SystemCall, type Call } from './system-call.ts';
import { numbers } from './system-call-numbers.ts';

const CLOCK_MONOTONIC = 1;
const TIMER_ABSTIME = 1;
const second = 1e9;

/** `struct timespec`: seconds and nanoseconds, 64 bits each. */
export function encodeTimespec(nanoseconds: number): BigInt64Array {
  return BigInt64Array.of(BigInt(Math.floor(nanoseconds / second)), BigInt(Math.floor(nanoseconds % second)));
}

/** To a point in time, from the first attempt on: a sleep that is interrupted ends when it would have. */
class Nanosleep extends SystemCall<void> {
  readonly name = 'nanosleep';
  readonly #nanoseconds: number;
  #deadline: number | undefined;

  constructor(nanoseconds: number) {
    super();
    this.#nanoseconds = nanoseconds;
  }

  protected override attempt(): void {
    const now = native.now();
    this.#deadline ??= now + this.#nanoseconds;
    if (this.#deadline <= now) this.resolve();
  }

  protected call(): Call {
    return [numbers.clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, native.pin(encodeTimespec(this.#deadline!))];
  }

  protected value(): void {}
}

/**
 * Sleeps for so many nanoseconds, or a little longer. It keeps a VP in the kernel for that time: a thread system has
 * something cheaper. For threads and managers.
 *
 * ```ts
 * yield* nanosleep(1.5e9);
 * ```
 */
export function nanosleep(nanoseconds: number): KernelOp<void> {
  if (typeof nanoseconds !== 'number') throw new TypeError(`nanoseconds must be a number, not ${shown(nanoseconds)}`);
  if (!(nanoseconds >= 0 && nanoseconds <= Number.MAX_SAFE_INTEGER)) {
    throw new RangeError(`nanoseconds must be from 0 to ${Number.MAX_SAFE_INTEGER}, not ${nanoseconds}`);
  }
  return new Nanosleep(nanoseconds);
}
