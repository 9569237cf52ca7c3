/** Descriptors of files: opening and closing them, and what makes files durable. */

import type { PathLike } from 'node:fs';
import { native } from '../native.ts';
import { VpiError } from '../vpi/error.ts';
import type { AnyOp, KernelOp } from '../vpi/op.ts';
import { checkedBits, checkedDescriptor, checkedWhole } from './arguments.ts';
import { constants } from './constants.ts';
import { EINPROGRESS, EINTR } from './errno.ts';
import { encodeFlags } from './flags.ts';
import { forget } from './hints.ts';
import { decodePath, encodePath } from './path.ts';
import { PlainCall, SystemCall, type Call } from './system-call.ts';
import { numbers } from './system-call-numbers.ts';

const AT_FDCWD = -100;
/** As Node sets it: programs that are started do not inherit the descriptor. */
const O_CLOEXEC = 0o2000000;

/**
 * Not tried without waiting (openat2() with RESOLVE_CACHED): that tells of the path only, and a file system may wait in
 * its own open as well, as for a FIFO or a file on a server.
 */
class Open extends SystemCall<number> {
  readonly name = 'open';
  readonly #path: Buffer;
  readonly #flags: number;
  readonly #mode: number;

  constructor(path: Buffer, flags: number, mode: number) {
    super();
    this.#path = path;
    this.#flags = flags;
    this.#mode = mode;
  }

  protected call(): Call {
    return [numbers.openat, AT_FDCWD, native.pin(this.#path), this.#flags | O_CLOEXEC, this.#mode];
  }

  protected value(fd: number): number {
    forget(fd);
    return fd;
  }

  protected override failure(errno: number): Error {
    return new VpiError(errno, this.name, { path: decodePath(this.#path) });
  }
}

/** It can wait: for a socket that lingers, for a server, or for a disk if it was the last use of a deleted file. */
class Close extends SystemCall<void> {
  readonly name = 'close';
  readonly #fd: number;
  #hasBegun = false;

  constructor(fd: number) {
    super();
    this.#fd = fd;
  }

  /** A thread that was cancelled may hear of it here, and would go on without having closed anything. */
  override next(): IteratorResult<AnyOp, void> {
    const begins = !this.#hasBegun;
    this.#hasBegun = true;
    try {
      return super.next();
    } catch (error) {
      if (begins) native.syscall(...this.call());
      throw error;
    }
  }

  protected call(): [number: number, fd: number] {
    forget(this.#fd);
    return [numbers.close, this.#fd];
  }

  protected value(): void {}

  /** Nobody could say whether it was closed. It takes no longer than what the socket or the server is allowed. */
  override get canBeAbandoned(): boolean {
    return false;
  }

  /** Interrupted, it is closed all the same: closing it again would hit somebody else's. */
  override receive(result: number): void {
    super.receive(result === EINTR || result === EINPROGRESS ? 0 : result);
  }
}

/**
 * Opens a file and gives its descriptor. `flags` as for `fs.openSync()`: `'r'` (the default), `'r+'`, `'w'`, `'wx'`, `'a'`,
 * …, or `fs.constants.O_…`; `mode` is that of a file it creates. For threads and managers.
 *
 * @throws {VpiError} `ENOENT`, `EACCES`, `EEXIST`, `EMFILE`, …, with `path`
 */
export function open(path: PathLike, flags: string | number = 'r', mode = 0o666): KernelOp<number> {
  return new Open(encodePath(path), encodeFlags(flags), checkedWhole('mode', mode, 0, 0o7777));
}

/**
 * Closes a descriptor; after that, whatever comes of it, a cancellation too, it is closed. A thread that is cancelled while it
 * waits here hears of that at its next op. For threads and managers.
 *
 * @throws {VpiError} `EBADF`; `EIO`, `ENOSPC`, `EDQUOT`: something that was written before is lost
 */
export function close(fd: number): KernelOp<void> {
  return new Close(checkedDescriptor(fd));
}

/** Waits until all that was written to a file is on the disk. For threads and managers. */
export function fsync(fd: number): KernelOp<void> {
  return new PlainCall('fsync', numbers.fsync, checkedDescriptor(fd));
}

/** The same, without what is not needed to read it back, such as times. For threads and managers. */
export function fdatasync(fd: number): KernelOp<void> {
  return new PlainCall('fdatasync', numbers.fdatasync, checkedDescriptor(fd));
}

/**
 * Locks a file against others who lock it so, or unlocks it: `constants.LOCK_SH`, `LOCK_EX` or `LOCK_UN`. The lock
 * belongs to what `open()` has made: two descriptors from two calls of it lock each other out, in one process too.
 * For threads and managers.
 *
 * ```ts
 * yield* flock(fd, constants.LOCK_EX);
 * ```
 *
 * @throws {VpiError} `EAGAIN`: with `LOCK_NB`, somebody else has it
 */
export function flock(fd: number, operation: number): KernelOp<void> {
  const { LOCK_SH, LOCK_EX, LOCK_UN, LOCK_NB } = constants;
  checkedBits('operation', operation, LOCK_SH | LOCK_EX | LOCK_UN | LOCK_NB);
  // Not tried with LOCK_NB first: a lock on a server's file is asked for there, which takes its time.
  return new PlainCall('flock', numbers.flock, checkedDescriptor(fd), operation);
}
