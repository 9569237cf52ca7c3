/** What mutexes, conditions, semaphores and barriers have in common: a cell, and that they can be shared. */

import { LocalCell, type Cell } from './cell.ts';
import { memory } from './instance.ts';
import { SharedCell } from './shared-cell.ts';
import { CellWord } from './shared-memory.ts';

const kinds = ['Mutex', 'Condition', 'Semaphore', 'Barrier'] as const;

export type Kind = (typeof kinds)[number];

/** Names a shared object on any processor; can be structured-cloned. */
export interface Handle<K extends Kind = Kind> {
  readonly kind: K;
  readonly cell: number;
  readonly generation: number;
}

export abstract class Synchronizer<K extends Kind = Kind> {
  /** @internal */
  cell: Cell;
  readonly #kind: K;

  constructor(kind: K, value: number) {
    this.#kind = kind;
    this.cell = new LocalCell(value);
  }

  /**
   * From here on other processors can use it too, by `from()` of its class with what this gives. It costs more then, and
   * takes a place in shared memory until `free()` or the end of the instance. For threads.
   */
  shared(): Handle<K> {
    const cell = this.#share();
    return { kind: this.#kind, cell: cell.index, generation: memory.words[memory.cell(cell.index) + CellWord.generation]! };
  }

  /**
   * A shared object is not used any more, on any processor; its place in shared memory is for others.
   *
   * @throws {TypeError} threads wait for it
   */
  free(): void {
    const { cell } = this;
    if (cell.firstId !== 0) throw new TypeError(`threads wait for the ${this.#kind}`);
    if (!(cell instanceof SharedCell)) return;
    this.cell = new LocalCell(0);
    memory.giveCell(cell.index);
  }

  #share(): SharedCell {
    const local = this.cell;
    if (local instanceof SharedCell) return local;
    if (!memory) throw new TypeError(`a ${this.#kind} can be shared in a thread only: in what run() runs`);
    const cell = new SharedCell(memory.takeCell(kinds.indexOf(this.#kind)));
    cell.value = local.value;
    cell.owner = local.owner;
    for (let thread; (thread = (local as LocalCell).takeFirst()) !== undefined; ) cell.append(thread);
    this.cell = cell;
    return cell;
  }

  /** @internal Two objects that work together must be of one kind: if one of them is shared, both are. */
  shareWith(other: Synchronizer): void {
    if (this.cell instanceof SharedCell) other.#share();
    else if (other.cell instanceof SharedCell) this.#share();
  }

  /** @internal Becomes what `handle` names. */
  protected open(handle: Handle<K>): this {
    const { kind, cell, generation } = handle ?? {};
    if (kind !== this.#kind) throw new TypeError(`the handle is not one of a ${this.#kind}: take what shared() gives`);
    const at = memory.cell(cell);
    if (memory.words[at + CellWord.generation] !== generation) throw new TypeError(`the ${kind} of that handle was freed, or is of another instance`);
    this.cell = new SharedCell(cell);
    return this;
  }
}
