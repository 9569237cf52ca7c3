/**
 * Threads that wait until a time at most, the earliest first: a heap, so that a processor has one deadline. The times stand
 * beside it: a number with a fraction in a thread would be an object of its own.
 */

import type { Thread } from './thread.ts';

export class Timers {
  readonly #heap: Thread[] = [];
  /** Of the same indices. */
  #deadlines = new Float64Array(64);

  get size(): number {
    return this.#heap.length;
  }

  /** Infinity without one. */
  get deadline(): number {
    return this.#heap.length === 0 ? Infinity : this.#deadlines[0]!;
  }

  /** There is one. */
  get earliest(): Thread {
    return this.#heap[0]!;
  }

  add(thread: Thread, deadline: number): void {
    const index = this.#heap.length;
    if (index === this.#deadlines.length) this.#grow();
    this.#heap.push(thread);
    this.#up(thread, deadline, index);
  }

  /** It must be there. */
  remove(thread: Thread): void {
    const index = thread.timer;
    thread.timer = -1;
    const last = this.#heap.pop()!;
    if (last === thread) return;
    const deadline = this.#deadlines[this.#heap.length]!;
    this.#up(last, deadline, index);
    this.#down(last, deadline, last.timer);
  }

  clear(): void {
    this.#heap.length = 0;
  }

  #grow(): void {
    const larger = new Float64Array(2 * this.#deadlines.length);
    larger.set(this.#deadlines);
    this.#deadlines = larger;
  }

  #place(thread: Thread, deadline: number, index: number): void {
    this.#heap[index] = thread;
    this.#deadlines[index] = deadline;
    thread.timer = index;
  }

  #up(thread: Thread, deadline: number, index: number): void {
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (this.#deadlines[parent]! <= deadline) break;
      this.#place(this.#heap[parent]!, this.#deadlines[parent]!, index);
      index = parent;
    }
    this.#place(thread, deadline, index);
  }

  #down(thread: Thread, deadline: number, index: number): void {
    const { length } = this.#heap;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= length) break;
      if (child + 1 < length && this.#deadlines[child + 1]! < this.#deadlines[child]!) child++;
      if (this.#deadlines[child]! >= deadline) break;
      this.#place(this.#heap[child]!, this.#deadlines[child]!, index);
      index = child;
    }
    this.#place(thread, deadline, index);
  }
}
