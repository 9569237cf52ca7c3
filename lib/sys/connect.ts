/** `connect()`. */

import { native } from '../native.ts';
import { VpiError } from '../vpi/error.ts';
import type { OpGenerator } from '../vpi/op.ts';
import { checkedAddress, encodeAddress, errorDetails, type GivenAddress, type SocketAddress } from './address.ts';
import { constants } from './constants.ts';
import { EINTR } from './errno.ts';
import { encodePollRequests } from './poll.ts';
import { createSocket, dropSocket, familyOf, takeError } from './socket.ts';
import { SystemCall, type Call } from './system-call.ts';
import { numbers } from './system-call-numbers.ts';

/**
 * Interrupted, an internet connection goes on being made, and must be waited for; to ask for it again would be an error
 * (POSIX). One within the machine is not, and is asked for again.
 */
class Connect extends SystemCall<void> {
  readonly name = 'connect';
  readonly #fd: number;
  readonly #address: SocketAddress;
  readonly #encoded: Buffer;
  #isGoingOn = false;

  constructor(fd: number, address: SocketAddress, encoded: Buffer) {
    super();
    this.#fd = fd;
    this.#address = address;
    this.#encoded = encoded;
  }

  protected call(): Call {
    if (!this.#isGoingOn) return [numbers.connect, this.#fd, native.pin(this.#encoded), this.#encoded.length];
    const request = encodePollRequests([{ fd: this.#fd, events: constants.POLLOUT }]);
    return [numbers.ppoll, native.pin(request), 1];
  }

  protected value(): void {}

  protected override failure(errno: number): Error {
    return new VpiError(errno, this.name, errorDetails(this.#address));
  }

  override receive(result: number): void {
    if (result === EINTR) this.#isGoingOn = !('path' in this.#address);
    else if (this.#isGoingOn && result > 0) super.receive(takeError(this.#fd));
    else super.receive(result);
  }
}

/**
 * Connects to whoever listens at `address`, `{ port, host }` (default: this machine) or `{ path }`, and gives the
 * descriptor of the connection. For threads and managers.
 *
 * ```ts
 * const fd = yield* connect({ port: 8080, host: '127.0.0.1' });
 * ```
 *
 * @throws {VpiError} `ECONNREFUSED`, `ETIMEDOUT`, `ENETUNREACH`, `ENOENT`, …, with `address` and `port`, or `path`
 */
export function connect(address: GivenAddress): OpGenerator<number> {
  const checked = checkedAddress(address, '127.0.0.1');
  return connecting(checked, encodeAddress(checked));
}

function* connecting(address: SocketAddress, encoded: Buffer): OpGenerator<number> {
  const fd = createSocket(familyOf(address));
  let isConnected = false;
  try {
    yield* new Connect(fd, address, encoded);
    isConnected = true;
    return fd;
  } finally {
    if (!isConnected) dropSocket(fd);
  }
}
