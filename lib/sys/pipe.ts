/** `pipe()` and `eventfd()`: what threads and processes tell each other something through. To make one does not wait. */

import type { Op } from '../vpi/op.ts';
import { checkedWhole } from './arguments.ts';
import { atOnce, callAtOnce } from './at-once.ts';
import { forget } from './hints.ts';
import { scratch, scratchAddress } from './scratch.ts';
import { numbers } from './system-call-numbers.ts';

const O_CLOEXEC = 0o2000000;
const EFD_SEMAPHORE = 1;

/**
 * A pipe: what is written to the second descriptor can be read from the first. For threads and managers.
 *
 * ```ts
 * const [input, output] = yield* pipe();
 * ```
 *
 * @throws {VpiError} `EMFILE`, `ENFILE`
 */
export function pipe(): Op<[number, number]> {
  return atOnce('pipe', () => {
    callAtOnce('pipe', numbers.pipe2, scratchAddress, O_CLOEXEC);
    const ends: [number, number] = [scratch.readInt32LE(), scratch.readInt32LE(4)];
    ends.forEach(forget);
    return ends;
  });
}

export interface EventFdOptions {
  /** A read takes 1, and not all. */
  semaphore?: boolean;
}

/**
 * A counter that can be waited for: writing adds, reading waits until it is above 0 and takes it. Both move eight bytes,
 * one number of a `BigUint64Array`. For threads and managers.
 *
 * ```ts
 * const fd = yield* eventfd();
 * yield* write(fd, BigUint64Array.of(1n));
 * ```
 *
 * @throws {VpiError} `EMFILE`, `ENFILE`
 */
export function eventfd(initial = 0, { semaphore = false }: EventFdOptions = {}): Op<number> {
  checkedWhole('initial', initial, 0, 0xffffffff);
  return atOnce('eventfd', () => {
    const fd = callAtOnce('eventfd', numbers.eventfd2, initial, O_CLOEXEC | (semaphore ? EFD_SEMAPHORE : 0));
    forget(fd);
    return fd;
  });
}
