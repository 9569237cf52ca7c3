/** What VPIthreads throws, beside `VpiError`. */

/** Comes out of the op in which a thread waits, or of its next one, when the thread is cancelled. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError';
  /** What `cancel()` was given. */
  readonly reason: unknown;

  constructor(reason?: unknown) {
    super(reason === undefined ? 'the thread was cancelled' : `the thread was cancelled: ${String(reason)}`, { cause: reason });
    this.reason = reason;
  }
}

/** A thread, and what it waits for, in words. */
export interface WaitingThread {
  id: number;
  name: string;
  processor: number;
  waitsFor: string;
}

/** Every thread waits for another one, and nothing is in the kernel or timed: none of them can ever go on. */
export class DeadlockError extends Error {
  override readonly name = 'DeadlockError';
  readonly threads: readonly WaitingThread[];

  constructor(threads: readonly WaitingThread[]) {
    const lines = threads.slice(0, most).map(({ id, name, processor, waitsFor }) => `\n  thread ${id}${name && ` (${name})`} on processor ${processor}: ${waitsFor}`);
    const rest = threads.length > most ? `\n  and ${threads.length - most} more` : '';
    super(`every thread waits for another one:${lines.join('')}${rest}`);
    this.threads = threads;
  }
}

/** Threads that the message lists. */
const most = 50;
