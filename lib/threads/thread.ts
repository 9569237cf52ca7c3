/** A thread: a generator function that runs, and may wait, beside others. */

import type { Entry, KernelOp, OpGenerator, VpHandle } from '../vpi/index.ts';
import type { Op } from '../vpi/op.ts';
import type { VpiThread } from '../templates/thread.ts';
import type { LocalCell } from './cell.ts';
import type { CancelledError } from './errors.ts';
import { cancel, createThread, detachThread, processorOf } from './create.ts';
import { join } from './join.ts';
import { scheduler } from './scheduler.ts';
import type { Waitable } from './waitable.ts';

/**
 * `ready`: it waits for its turn. `running`. `waiting`: for another thread, or a time; that takes no VP. `blocked`: its
 * VP makes a system call. `finished`: it has returned. `failed`: an error came out of it.
 */
export type ThreadState = 'ready' | 'running' | 'waiting' | 'blocked' | 'finished' | 'failed';

/** What a thread runs. */
export type ThreadFunction<A extends unknown[] = unknown[], R = unknown> = (...args: A) => OpGenerator<R>;

/** What few threads have. */
interface Extras {
  name: string;
  locals: Map<object, unknown>;
  /** It was cancelled with that. */
  cancelledWith: CancelledError | undefined;
}

export class Thread<R = unknown> implements VpiThread {
  // Declared only, as in Op: a thread is made of them at once, in its constructor.

  /** Unique in the instance. */
  declare readonly id: number;
  /** @internal Its place in the scheduler's table, while it has not ended; 0: it runs elsewhere. */
  declare slot: number;

  /** @internal What it runs; undefined: it has ended. */
  declare generator: OpGenerator<R> | undefined;
  /** @internal The templates': what the kernel does for it, and the VP that is held with it. */
  declare op: KernelOp<unknown> | undefined;
  declare heldVp: VpHandle | undefined;
  /** @internal Links of the queue that it is in. */
  declare next: Thread | undefined;
  declare previous: Thread | undefined;
  /** @internal What it waits for. */
  declare waitsFor: Waitable | undefined;
  /** @internal The queue in which it waits, if that is one of this isolate. */
  declare cell: LocalCell | undefined;
  /** @internal Its node in shared memory, if it waits for a shared object; -1: none. */
  declare node: number;
  /** @internal Its place among the timers; -1: none. */
  declare timer: number;
  /** @internal Its time has come. */
  declare timedOut: boolean;
  /** @internal What comes out of the op that it waits in, unless that is an error; when it has ended, what has come out of it. */
  declare answer: unknown;
  /** @internal An error that comes out of the op that it waits in. */
  declare error: Error | undefined;
  /** @internal It was cancelled, and does not know it yet. */
  declare cancellation: CancelledError | undefined;
  /** @internal The first of those that join it. */
  declare joiners: Thread | undefined;
  /** @internal Somebody has been given what has come out of it. */
  declare isJoined: boolean;
  /** `run()` does not wait for it. */
  declare isDetached: boolean;
  /** @internal An error has come out of it. */
  declare hasFailed: boolean;
  /** @internal */
  declare extras: Extras | undefined;

  /** @internal Use `Thread.create()`. */
  constructor(id: number, generator: OpGenerator<R>) {
    this.id = id;
    this.slot = 0;
    this.generator = generator;
    this.op = undefined;
    this.heldVp = undefined;
    this.next = undefined;
    this.previous = undefined;
    this.waitsFor = undefined;
    this.cell = undefined;
    this.node = -1;
    this.timer = -1;
    this.timedOut = false;
    this.answer = undefined;
    this.error = undefined;
    this.cancellation = undefined;
    this.joiners = undefined;
    this.isJoined = false;
    this.isDetached = false;
    this.hasFailed = false;
    this.extras = undefined;
  }

  /**
   * Starts a thread, at the end of the ready queue: on this processor; or where `entry()` says, or the fewest are, if an
   * entry names the function. Then arguments and result are structured-cloned. For threads.
   *
   * @throws {TypeError} `fn` is no generator function
   * @throws {RangeError} there is no such processor
   * @throws {DOMException} `DataCloneError`: an argument cannot be cloned
   */
  static create<A extends unknown[], R>(fn: ThreadFunction<A, R> | Entry<ThreadFunction<A, R>>, ...args: A): Thread<R> {
    return createThread(fn, args);
  }

  /** Follows from the rest: so a switch of threads need not write it. */
  get state(): ThreadState {
    if (this.generator === undefined) return this.hasFailed ? 'failed' : 'finished';
    if (this.waitsFor !== undefined) return 'waiting';
    if (this.op !== undefined && this.heldVp === undefined) return 'blocked';
    return scheduler.current === this && !scheduler.isQueued ? 'running' : 'ready';
  }

  /** For messages. */
  describe(): string {
    return `thread ${this.id}${this.name && ` (${this.name})`}`;
  }

  /** Its own, for messages; empty unless it was set. */
  get name(): string {
    return this.extras?.name ?? '';
  }

  set name(name: string) {
    this.#ownExtras.name = String(name);
  }

  /** @internal */
  get locals(): Map<object, unknown> {
    return this.#ownExtras.locals;
  }

  get #ownExtras(): Extras {
    return (this.extras ??= { name: '', locals: new Map(), cancelledWith: undefined });
  }

  /** @internal What `cancel()` has made for it, delivered or not. */
  get cancelledWith(): CancelledError | undefined {
    return this.extras?.cancelledWith;
  }

  set cancelledWith(error: CancelledError | undefined) {
    this.#ownExtras.cancelledWith = error;
  }

  /** Where it runs; it does not move. */
  get processor(): number {
    return processorOf(this.id);
  }

  /**
   * Waits until it has ended, and gives what it returned, or throws what it threw. Any number of times.
   *
   * @throws {VpiError} `EDEADLK`: a thread joins itself
   */
  join(): Op<R> {
    return join(this);
  }

  /** Nobody will join it, and `run()` does not wait for it: it is cancelled when the others have ended. */
  detach(): void {
    detachThread(this);
  }

  /**
   * Makes the op in which it waits, or else its next one, throw a `CancelledError`; `finally` blocks run. What is done
   * already counts. Has no effect on a thread that has ended, or that was cancelled and does not know it yet.
   */
  cancel(reason?: unknown): void {
    cancel(this, reason);
  }
}
