/** A cell in shared memory: every processor sees the same. */

import type { Lock } from '../vpi/index.ts';
import type { Cell } from './cell.ts';
import { memory } from './instance.ts';
import { nodeOf, releaseNode, tellWoken, wakeNode } from './nodes.ts';
import { scheduler } from './scheduler.ts';
import { CellWord, Node } from './shared-memory.ts';
import type { Thread } from './thread.ts';
import type { Waitable } from './waitable.ts';

/** Cells that this processor has entered: a condition, and in that its mutex. */
let entered = 0;

export class SharedCell implements Cell {
  readonly index: number;
  readonly #at: number;
  readonly #words: Int32Array;
  readonly #lock: Lock;

  constructor(index: number) {
    this.index = index;
    this.#at = memory.cell(index);
    this.#words = memory.words;
    this.#lock = memory.lock(this.#at + CellWord.lock);
  }

  get value(): number {
    return memory.readDouble(this.#at + CellWord.value);
  }

  set value(value: number) {
    memory.writeDouble(this.#at + CellWord.value, value);
  }

  get owner(): number {
    return memory.readDouble(this.#at + CellWord.owner);
  }

  set owner(id: number) {
    memory.writeDouble(this.#at + CellWord.owner, id);
  }

  get firstId(): number {
    const node = this.#words[this.#at + CellWord.first]! - 1;
    return node < 0 ? 0 : memory.readDouble(memory.node(node) + Node.thread);
  }

  enter(): void {
    this.#lock.acquire();
    entered++;
  }

  leave(): void {
    this.#lock.release();
    if (--entered === 0) tellWoken();
  }

  queue(thread: Thread, waitable: Waitable, deadline?: number): void {
    scheduler.park(thread, waitable, deadline);
    this.append(thread);
  }

  append(thread: Thread): void {
    this.#push(nodeOf(thread));
  }

  wakeFirst(): boolean {
    const node = this.#shift();
    if (node >= 0) wakeNode(node);
    return node >= 0;
  }

  moveFirst(to: SharedCell): boolean {
    const node = this.#shift();
    if (node >= 0) to.#push(node);
    return node >= 0;
  }

  remove(thread: Thread): boolean {
    const { node } = thread;
    if (node < 0 || this.#words[memory.node(node) + Node.cell] !== this.index + 1) return false;
    this.#unlink(node);
    releaseNode(thread);
    return true;
  }

  #push(node: number): void {
    const words = this.#words;
    const at = memory.node(node);
    const last = words[this.#at + CellWord.last]!;
    words[at + Node.cell] = this.index + 1;
    words[at + Node.next] = 0;
    words[at + Node.previous] = last;
    if (last === 0) words[this.#at + CellWord.first] = node + 1;
    else words[memory.node(last - 1) + Node.next] = node + 1;
    words[this.#at + CellWord.last] = node + 1;
  }

  /** -1: nobody waits. */
  #shift(): number {
    const node = this.#words[this.#at + CellWord.first]! - 1;
    if (node >= 0) this.#unlink(node);
    return node;
  }

  #unlink(node: number): void {
    const words = this.#words;
    const at = memory.node(node);
    const next = words[at + Node.next]!;
    const previous = words[at + Node.previous]!;
    if (previous === 0) words[this.#at + CellWord.first] = next;
    else words[memory.node(previous - 1) + Node.next] = next;
    if (next === 0) words[this.#at + CellWord.last] = previous;
    else words[memory.node(next - 1) + Node.previous] = previous;
    words[at + Node.cell] = 0;
  }
}
