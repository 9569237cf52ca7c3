/** Values that each thread has its own of. */

import { scheduler } from './scheduler.ts';

export class ThreadLocal<T> {
  readonly #initial: (() => T) | undefined;

  /** @param initial makes the value of a thread that has not set it; without it, that is undefined */
  constructor(initial?: () => T) {
    this.#initial = initial;
  }

  /** The running thread's. */
  get(): T | undefined {
    const { locals } = scheduler.runningThread();
    if (!locals.has(this) && this.#initial) locals.set(this, this.#initial());
    return locals.get(this) as T | undefined;
  }

  set(value: T): void {
    scheduler.runningThread().locals.set(this, value);
  }

  /** As if it had never been set. */
  delete(): void {
    scheduler.runningThread().locals.delete(this);
  }
}
