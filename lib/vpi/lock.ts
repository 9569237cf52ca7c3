/** Locks between processors (paper: `vpi_lock_*`). */

import { native } from '../native.ts';
import { thisProcessor } from './dispatch.ts';

/** Looks at a lock between two times that the CPU is given up: its owner may need this one. */
const spins = 200;

/**
 * A lock for a few statements, in shared memory. It spins, and waits for nothing else: whoever holds one must not reach an
 * op, which throws there. It belongs to the processor that has acquired it.
 */
export class Lock {
  readonly #word: Int32Array;

  /** @param word one 32-bit word of shared memory, 0 for a free lock; default: new memory */
  constructor(word = new Int32Array(new SharedArrayBuffer(4))) {
    if (!(word.buffer instanceof SharedArrayBuffer)) throw new TypeError('word must lie in a SharedArrayBuffer');
    this.#word = word;
  }

  /** What makes the same lock on another processor: `new Lock(lock.word)`. */
  get word(): Int32Array {
    return this.#word;
  }

  acquire(): void {
    const processor = thisProcessor();
    if (this.#word[0] === processor.index + 1) throw new TypeError('this processor holds the lock already: it would spin for ever');
    for (let i = 1; !this.#take(processor.index); i++) if (i % spins === 0) native.yieldCpu();
    processor.locks++;
  }

  /** @returns whether it was free */
  tryAcquire(): boolean {
    const processor = thisProcessor();
    if (!this.#take(processor.index)) return false;
    processor.locks++;
    return true;
  }

  release(): void {
    const processor = thisProcessor();
    if (Atomics.compareExchange(this.#word, 0, processor.index + 1, 0) !== processor.index + 1) throw new TypeError('this processor does not hold the lock');
    processor.locks--;
  }

  /** It is not used any more. Held by anybody, that is an error. */
  free(): void {
    if (Atomics.load(this.#word, 0) !== 0) throw new TypeError('the lock is held');
  }

  /** The look before the exchange keeps the cache line shared. */
  #take(index: number): boolean {
    return Atomics.load(this.#word, 0) === 0 && Atomics.compareExchange(this.#word, 0, 0, index + 1) === 0;
  }
}
