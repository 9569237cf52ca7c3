/**
 * What the processors of an instance share: one SharedArrayBuffer, laid out here and nowhere else.
 *
 * Lock order: a cell's lock, then a processor's; never two of the same kind, but a condition's before its mutex's.
 */

import { Lock } from '../vpi/index.ts';

/** Words of 32 bits. */
const headerWords = 64;
const processorWords = 16;
/** Of one instance, as for `init()`. */
export const maxProcessors = 64;
const nodeWords = 8;
const cellWords = 16;

/** Threads that can wait for shared objects at the same time, over all processors. */
const nodeCount = 2 ** 17;
/** Shared objects. */
const cellCount = 2 ** 14;
/** Bytes in which each processor describes its threads, where all wait for each other. */
const reportBytes = 32 * 1024;

const firstProcessor = headerWords;
const firstNode = firstProcessor + maxProcessors * processorWords;
const firstCell = firstNode + nodeCount * nodeWords;
const firstReport = firstCell + cellCount * cellWords;

/** Words of the header. */
export const Header = {
  /** Processors that have threads which are not detached, and threads on their way to one. At 0 the instance ends. */
  busy: 0,
  /** Processors where something can happen, and posts on their way to one. At 0 nothing ever happens again. */
  active: 1,
  /** One of `Phase`. */
  phase: 2,
  /** Processors that have not ended yet. */
  left: 3,
  cellLock: 4,
  /** Cells that were ever used; the first that was given back, as index + 1. */
  cellsUsed: 5,
  freeCell: 6,
} as const;

/** `ending`: only detached threads are left, and they are cancelled. `deadlock`: the processors write their reports. */
export const Phase = { running: 0, ending: 1, deadlock: 2 } as const;

/** Words of a processor. */
export const Own = {
  lock: 0,
  /** Nodes of its threads that others have woken: the first and the last, as index + 1. */
  firstWoken: 1,
  lastWoken: 2,
  /** Bits of `Post`. */
  posts: 3,
  /** 1: it sleeps, and whoever posts has to wake it. */
  sleeps: 4,
  /** Threads that it has, or will have; for placing new ones. */
  load: 5,
  reportLength: 6,
} as const;

/** Why a processor shall look. */
export const Post = { woken: 1, mail: 2, phase: 4 } as const;

/** Words of a node: a thread that waits for a shared object. */
export const Node = {
  next: 0,
  previous: 1,
  /** The cell in whose queue it is, as index + 1; 0: in none. */
  cell: 2,
  /** A double: the thread's id. */
  thread: 4,
} as const;

/** Words of a cell: a synchronization object. */
export const CellWord = {
  lock: 0,
  /** The nodes that wait, as index + 1. */
  first: 1,
  last: 2,
  /** Given back: the next such cell. */
  nextFree: 3,
  /** Which kind of object, and how often this cell was used for another one. */
  kind: 4,
  generation: 5,
  /** Doubles. */
  value: 8,
  owner: 10,
} as const;

/** One processor's view of it. */
export class SharedMemory {
  readonly buffer: SharedArrayBuffer;
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly doubles: Float64Array;
  readonly bytes: Uint8Array;
  readonly #locks = new Map<number, Lock>();

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.words = new Int32Array(buffer);
    this.doubles = new Float64Array(buffer);
    this.bytes = new Uint8Array(buffer);
  }

  /** New memory for an instance: 5 MiB and a little for each processor. */
  static allocate(processors: number): SharedArrayBuffer {
    return new SharedArrayBuffer(4 * firstReport + processors * reportBytes);
  }

  /** The paper's lock on that word. */
  lock(word: number): Lock {
    let lock = this.#locks.get(word);
    if (!lock) this.#locks.set(word, (lock = new Lock(this.words.subarray(word, word + 1))));
    return lock;
  }

  processor(index: number): number {
    return firstProcessor + processorWords * index;
  }

  node(index: number): number {
    return firstNode + nodeWords * index;
  }

  cell(index: number): number {
    return firstCell + cellWords * index;
  }

  report(index: number): Uint8Array {
    return this.bytes.subarray(4 * firstReport + index * reportBytes, 4 * firstReport + (index + 1) * reportBytes);
  }

  /** Nodes of a processor: from the first to before the second. */
  nodesOf(index: number, processors: number): [first: number, end: number] {
    const each = Math.floor(nodeCount / processors);
    return [index * each, (index + 1) * each];
  }

  processorOfNode(node: number, processors: number): number {
    return Math.floor(node / Math.floor(nodeCount / processors));
  }

  /** A double at a word with an even index. */
  readDouble(word: number): number {
    return this.doubles[word >> 1]!;
  }

  writeDouble(word: number, value: number): void {
    this.doubles[word >> 1] = value;
  }

  /** A cell, zeroed but for its generation. */
  takeCell(kind: number): number {
    const { words } = this;
    const lock = this.lock(Header.cellLock);
    lock.acquire();
    let index = words[Header.freeCell]! - 1;
    if (index >= 0) words[Header.freeCell] = words[this.cell(index) + CellWord.nextFree]!;
    else if (words[Header.cellsUsed]! < cellCount) index = words[Header.cellsUsed]!++;
    lock.release();
    if (index < 0) throw new RangeError(`there are ${cellCount} shared objects already: no more fit; free() those that are not needed`);
    const cell = this.cell(index);
    const generation = words[cell + CellWord.generation]! + 1;
    words.fill(0, cell, cell + cellWords);
    words[cell + CellWord.kind] = kind;
    words[cell + CellWord.generation] = generation;
    return index;
  }

  /** It can be used for another object. */
  giveCell(index: number): void {
    const { words } = this;
    const cell = this.cell(index);
    words[cell + CellWord.generation]!++;
    const lock = this.lock(Header.cellLock);
    lock.acquire();
    words[cell + CellWord.nextFree] = words[Header.freeCell]!;
    words[Header.freeCell] = index + 1;
    lock.release();
  }
}
