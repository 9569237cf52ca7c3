/** `listen()` and `accept()`. */

import { native } from '../native.ts';
import { VpiError } from '../vpi/error.ts';
import type { KernelOp, OpGenerator } from '../vpi/op.ts';
import { addressLength, AF_UNIX, checkedAddress, decodeAddress, encodeAddress, errorDetails, type GivenAddress, type SocketAddress } from './address.ts';
import { checkedDescriptor, checkedWhole } from './arguments.ts';
import { callAtOnce } from './at-once.ts';
import { forget } from './hints.ts';
import { allowReuse, createSocket, dropSocket, familyOf } from './socket.ts';
import { SystemCall, type Call } from './system-call.ts';
import { numbers } from './system-call-numbers.ts';

const SOCK_CLOEXEC = 0o2000000;

/** It can wait: for the file system in which the file of a socket is made. */
class Bind extends SystemCall<void> {
  readonly name = 'bind';
  readonly #fd: number;
  readonly #address: SocketAddress;
  readonly #encoded: Buffer;

  constructor(fd: number, address: SocketAddress, encoded: Buffer) {
    super();
    this.#fd = fd;
    this.#address = address;
    this.#encoded = encoded;
  }

  protected call(): Call {
    return [numbers.bind, this.#fd, native.pin(this.#encoded), this.#encoded.length];
  }

  protected value(): void {}

  protected override failure(errno: number): Error {
    return new VpiError(errno, this.name, errorDetails(this.#address));
  }
}

export interface ListenOptions {
  /** So many connections wait to be accepted, at most. Default: 511, as in Node. */
  backlog?: number;
}

/**
 * Listens at `address`, `{ port, host }` (port 0: any that is free; default host: `'0.0.0.0'`, all of this machine) or
 * `{ path }` (which is to be deleted by whoever made it), and gives the descriptor to accept from. For threads and
 * managers.
 *
 * ```ts
 * const server = yield* listen({ port: 8080 });
 * for (;;) {
 *   const { fd } = yield* accept(server);
 *   Thread.create(serve, fd);
 * }
 * ```
 *
 * @throws {VpiError} `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`, …, with `address` and `port`, or `path`
 */
export function listen(address: GivenAddress, { backlog = 511 }: ListenOptions = {}): OpGenerator<number> {
  const checked = checkedAddress(address, '0.0.0.0');
  checkedWhole('backlog', backlog, 0, 0x7fffffff);
  return listening(checked, encodeAddress(checked), backlog);
}

function* listening(address: SocketAddress, encoded: Buffer, backlog: number): OpGenerator<number> {
  const family = familyOf(address);
  const fd = createSocket(family);
  let isListening = false;
  try {
    if (family !== AF_UNIX) allowReuse(fd);
    yield* new Bind(fd, address, encoded);
    callAtOnce('listen', numbers.listen, fd, backlog);
    isListening = true;
    return fd;
  } finally {
    if (!isListening) dropSocket(fd);
  }
}

export interface Connection {
  fd: number;
  /** Of the other end. */
  address: SocketAddress;
}

/** Not tried without waiting: where several accept from one socket, nothing can be said beforehand. */
class Accept extends SystemCall<Connection> {
  readonly name = 'accept';
  readonly #fd: number;
  /** The address, and its length. */
  readonly #memory = Buffer.alloc(addressLength + 4);

  constructor(fd: number) {
    super();
    this.#fd = fd;
  }

  protected call(): Call {
    this.#memory.writeUInt32LE(addressLength, addressLength);
    const pointer = native.pin(this.#memory);
    return [numbers.accept4, this.#fd, pointer, pointer + addressLength, SOCK_CLOEXEC];
  }

  protected value(fd: number): Connection {
    forget(fd);
    return { fd, address: decodeAddress(this.#memory.subarray(0, this.#memory.readUInt32LE(addressLength))) };
  }
}

/**
 * Waits for a connection at a descriptor from `listen()`; gives the descriptor of it, and the `address` of its other end,
 * which is `{ host, port }` or `{ path }`, usually `''`. For threads and managers.
 *
 * @throws {VpiError} `EINVAL`: it does not listen; `EMFILE`, `ENFILE`: there are too many descriptors
 */
export function accept(fd: number): KernelOp<Connection> {
  return new Accept(checkedDescriptor(fd));
}
