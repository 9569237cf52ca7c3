/** A thread: a generator function that runs, and may wait, beside others. */

import type { KernelOp, OpGenerator, VpHandle } from '../vpi/index.ts';
import type { Op } from '../vpi/op.ts';
import type { VpiThread } from '../templates/thread.ts';
import type { LocalCell } from './cell.ts';
import { CancelledError } from './errors.ts';
import { cancelThread } from './cancel.ts';
import { createThread, detachThread } from './create.ts';
import { join } from './join.ts';
import type { Waitable } from './waitable.ts';

/**
 * `ready`: it waits for its turn. `running`. `waiting`: for another thread, or a time; that takes no VP. `blocked`: its
 * VP makes a system call. `finished`: it has returned. `failed`: an error came out of it.
 */
export type ThreadState = 'ready' | 'running' | 'waiting' | 'blocked' | 'finished' | 'failed';

/** What a thread runs. */
export type ThreadFunction<A extends unknown[] = unknown[], R = unknown> = (...args: A) => OpGenerator<R>;

/** Names and thread-locals, which few threads have. */
interface Extras {
  name: string;
  locals: Map<object, unknown>;
}

export class Thread<R = unknown> implements VpiThread {
  /** Unique in the instance. */
  readonly id: number;
  /** Where it runs; it does not move. */
  readonly processor: number;
  state: ThreadState;

  /** @internal What it runs. */
  generator: OpGenerator<R> | undefined;
  /** @internal The template's: what the kernel does for it, and the VP that is held with it. */
  op: KernelOp<unknown> | undefined;
  heldVp: VpHandle | undefined;
  /** @internal Links of the queue that it is in. */
  next: Thread | undefined;
  previous: Thread | undefined;
  /** @internal Links of the list of all threads of this processor. */
  older: Thread | undefined;
  newer: Thread | undefined;
  /** @internal What it waits for. */
  waitsFor: Waitable | undefined;
  /** @internal The queue in which it waits, if that is one of this isolate. */
  cell: LocalCell | undefined;
  /** @internal Its node in shared memory, if it waits for a shared object; -1: none. */
  node: number;
  /** @internal Its waiting ends at that time, in ms; its place among the timers, -1: none. */
  deadline: number;
  timer: number;
  /** @internal That time came. */
  timedOut: boolean;
  /** @internal What comes out of the op that it waits in: an error, or else this. */
  answer: unknown;
  error: unknown;
  /** @internal It was cancelled, and does not know it yet. */
  cancellation: CancelledError | undefined;
  /** @internal It was cancelled with that. */
  cancelledWith: CancelledError | undefined;
  /** @internal Returned or thrown. */
  outcome: unknown;
  /** @internal Who joins it. */
  joiners: LocalCell | undefined;
  /** @internal */
  extras: Extras | undefined;
  isDetached: boolean;
  /** @internal Somebody has been given its outcome. */
  isJoined: boolean;

  /** @internal Use `Thread.create()`. */
  constructor(id: number, processor: number, generator: OpGenerator<R>) {
    this.id = id;
    this.processor = processor;
    this.state = 'ready';
    this.generator = generator;
    this.op = undefined;
    this.heldVp = undefined;
    this.next = undefined;
    this.previous = undefined;
    this.older = undefined;
    this.newer = undefined;
    this.waitsFor = undefined;
    this.cell = undefined;
    this.node = -1;
    this.deadline = 0;
    this.timer = -1;
    this.timedOut = false;
    this.answer = undefined;
    this.error = undefined;
    this.cancellation = undefined;
    this.cancelledWith = undefined;
    this.outcome = undefined;
    this.joiners = undefined;
    this.extras = undefined;
    this.isDetached = false;
    this.isJoined = false;
  }

  /**
   * Starts a thread on this processor, at the end of the ready queue. For threads.
   *
   * @throws {TypeError} `fn` is no generator function
   */
  static create<A extends unknown[], R>(fn: ThreadFunction<A, R>, ...args: A): Thread<R> {
    return createThread(fn, args);
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
    return (this.extras ??= { name: '', locals: new Map() });
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
    detachThread(this as Thread);
  }

  /**
   * Makes the op in which it waits, or else its next one, throw a `CancelledError`; `finally` blocks run. What is done
   * already counts. Has no effect on a thread that has ended, or that was cancelled and does not know it yet.
   */
  cancel(reason?: unknown): void {
    cancelThread(this as Thread, new CancelledError(reason));
  }
}
