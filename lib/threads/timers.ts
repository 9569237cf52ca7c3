/** Threads that wait until a time at most, the earliest first: a heap, so that a processor has one deadline. */

import type { Thread } from './thread.ts';

export class Timers {
  readonly #heap: Thread[] = [];

  get earliest(): Thread | undefined {
    return this.#heap[0];
  }

  get size(): number {
    return this.#heap.length;
  }

  add(thread: Thread, deadline: number): void {
    thread.deadline = deadline;
    this.#heap.push(thread);
    this.#up(thread, this.#heap.length - 1);
  }

  /** It must be there. */
  remove(thread: Thread): void {
    const index = thread.timer;
    thread.timer = -1;
    const last = this.#heap.pop()!;
    if (last === thread) return;
    this.#up(last, index);
    this.#down(last, last.timer);
  }

  clear(): void {
    this.#heap.length = 0;
  }

  #place(thread: Thread, index: number): void {
    this.#heap[index] = thread;
    thread.timer = index;
  }

  #up(thread: Thread, index: number): void {
    while (index > 0) {
      const parent = this.#heap[(index - 1) >> 1]!;
      if (parent.deadline <= thread.deadline) break;
      this.#place(parent, index);
      index = (index - 1) >> 1;
    }
    this.#place(thread, index);
  }

  #down(thread: Thread, index: number): void {
    for (;;) {
      let child = 2 * index + 1;
      const right = this.#heap[child + 1];
      if (right !== undefined && right.deadline < this.#heap[child]!.deadline) child++;
      const least = this.#heap[child];
      if (least === undefined || least.deadline >= thread.deadline) break;
      this.#place(least, index);
      index = child;
    }
    this.#place(thread, index);
  }
}
