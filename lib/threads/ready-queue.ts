/**
 * Threads that are ready, first in, first out, by their slots in the scheduler's table. Numbers, since to V8's garbage
 * collector a reference from an old object to a young one is work each time it is written.
 */
export class ReadyQueue {
  /** Its length is a power of two. */
  #ring = new Int32Array(64);
  #first = 0;
  #count = 0;

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  push(slot: number): void {
    if (this.#count === this.#ring.length) this.#grow();
    this.#ring[(this.#first + this.#count) & (this.#ring.length - 1)] = slot;
    this.#count++;
  }

  /** In front of all others. */
  unshift(slot: number): void {
    if (this.#count === this.#ring.length) this.#grow();
    this.#first = (this.#first - 1) & (this.#ring.length - 1);
    this.#ring[this.#first] = slot;
    this.#count++;
  }

  /** 0, which is nobody's slot: it is empty. */
  shift(): number {
    if (this.#count === 0) return 0;
    const slot = this.#ring[this.#first]!;
    this.#first = (this.#first + 1) & (this.#ring.length - 1);
    this.#count--;
    return slot;
  }

  /** Seldom: it goes through all of them. */
  remove(slot: number): void {
    for (let left = this.#count; left > 0; left--) {
      const other = this.shift();
      if (other !== slot) this.push(other);
    }
  }

  clear(): void {
    this.#ring = new Int32Array(64);
    this.#first = 0;
    this.#count = 0;
  }

  #grow(): void {
    const { length } = this.#ring;
    const larger = new Int32Array(2 * length);
    for (let i = 0; i < length; i++) larger[i] = this.#ring[(this.#first + i) & (length - 1)]!;
    this.#ring = larger;
    this.#first = 0;
  }
}
