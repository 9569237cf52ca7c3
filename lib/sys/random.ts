/** `getrandom()`. */

import { native } from '../native.ts';
import type { KernelOp } from '../vpi/op.ts';
import { checkedBytes, part, type Bytes } from './arguments.ts';
import { scratch, scratchAddress } from './scratch.ts';
import { SystemCall, type Call } from './system-call.ts';
import { numbers } from './system-call-numbers.ts';

const GRND_NONBLOCK = 1;
/** As many bytes come at once or not at all. */
const small = 256;

class GetRandom extends SystemCall<number> {
  readonly name = 'getrandom';
  readonly #bytes: Uint8Array;
  #filled = 0;

  constructor(bytes: Uint8Array) {
    super();
    this.#bytes = bytes;
  }

  /** It waits only while the machine starts. Much of it takes time, which others can use. */
  protected override attempt(): void {
    const { length } = this.#bytes;
    if (length > small || native.syscall(numbers.getrandom, scratchAddress, length, GRND_NONBLOCK) !== length) return;
    for (let i = 0; i < length; i++) {
      this.#bytes[i] = scratch[i]!;
      scratch[i] = 0;
    }
    this.resolve(length);
  }

  protected call(): Call {
    const rest = part(this.#bytes, this.#filled);
    return [numbers.getrandom, native.pin(rest), rest.length, 0];
  }

  /** Of much there may come a part. */
  override receive(result: number): void {
    if (result > 0) this.#filled += result;
    if (result <= 0 || this.#filled >= this.#bytes.length) super.receive(result);
  }

  protected value(): number {
    return this.#filled;
  }
}

/**
 * Fills a buffer, or `length` bytes of it from `offset` on, with random bytes that are fit for keys, as
 * `crypto.randomFillSync()`. Gives their number: always all. For threads and managers.
 */
export function getrandom(buffer: Bytes, offset?: number | null, length?: number | null): KernelOp<number> {
  return new GetRandom(checkedBytes('buffer', buffer, offset, length));
}
