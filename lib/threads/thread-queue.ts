/**
 * Threads that wait for one object of this isolate, first in, first out. A thread is in one queue at most, so the links are
 * in the thread: nothing is allocated, and one that gives up is taken out of the middle at once.
 */

import type { Thread } from './thread.ts';

export class ThreadQueue {
  #first: Thread | undefined;
  #last: Thread | undefined;

  get first(): Thread | undefined {
    return this.#first;
  }

  push(thread: Thread): void {
    const last = this.#last;
    thread.previous = last;
    if (last === undefined) this.#first = thread;
    else last.next = thread;
    this.#last = thread;
  }

  shift(): Thread | undefined {
    const first = this.#first;
    if (first === undefined) return undefined;
    const { next } = first;
    this.#first = next;
    if (next === undefined) this.#last = undefined;
    else next.previous = undefined;
    first.next = undefined;
    return first;
  }

  /** It must be in this queue. */
  remove(thread: Thread): void {
    const { previous, next } = thread;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    thread.previous = undefined;
    thread.next = undefined;
  }
}
