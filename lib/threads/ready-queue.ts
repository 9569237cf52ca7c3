/**
 * Threads that are ready, first in, first out. Linked through the threads and in one direction only: it is used for every
 * switch, and each link costs.
 */

import type { Thread } from './thread.ts';

export class ReadyQueue {
  #first: Thread | undefined;
  #last: Thread | undefined;

  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  push(thread: Thread): void {
    const last = this.#last;
    if (last === undefined) this.#first = thread;
    else last.next = thread;
    this.#last = thread;
  }

  /** In front of all others. */
  unshift(thread: Thread): void {
    const first = this.#first;
    if (first === undefined) this.#last = thread;
    thread.next = first;
    this.#first = thread;
  }

  shift(): Thread | undefined {
    const first = this.#first;
    if (first === undefined) return undefined;
    const { next } = first;
    this.#first = next;
    if (next === undefined) this.#last = undefined;
    else first.next = undefined;
    return first;
  }

  /** Seldom: it goes through all of them. */
  remove(thread: Thread): void {
    let before: Thread | undefined;
    for (let other = this.#first; other !== thread; other = other.next) {
      if (other === undefined) return;
      before = other;
    }
    if (before === undefined) this.#first = thread.next;
    else before.next = thread.next;
    if (thread.next === undefined) this.#last = before;
    thread.next = undefined;
  }

  clear(): void {
    this.#first = undefined;
    this.#last = undefined;
  }
}
