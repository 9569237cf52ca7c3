/** `lines()`. */

import type { OpGenerator } from '../vpi/op.ts';
import { checkedDescriptor } from './arguments.ts';
import { read } from './read.ts';

const newline = 0x0a;
const carriageReturn = 0x0d;
const pieceLength = 64 * 1024;

/** Lines of a descriptor, one after the other. For one thread at a time. */
export class Lines {
  readonly #fd: number;
  readonly #piece = Buffer.allocUnsafe(pieceLength);
  /** What is in the piece and was not given out yet. */
  #start = 0;
  #end = 0;
  /** How the line begins that the piece goes on with. */
  #begun: Buffer[] = [];

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** The next line, without what ends it; `undefined` at the end of the file. */
  *next(): OpGenerator<string | undefined> {
    for (;;) {
      const unread = this.#piece.subarray(this.#start, this.#end);
      const length = unread.indexOf(newline);
      if (length >= 0) {
        this.#start += length + 1;
        return this.#line(unread.subarray(0, length));
      }
      // It is copied: reading goes on in the same memory.
      if (unread.length > 0) this.#begun.push(Buffer.from(unread));
      this.#start = 0;
      this.#end = 0;
      this.#end = yield* read(this.#fd, this.#piece);
      if (this.#end === 0) return this.#begun.length > 0 ? this.#line(this.#piece.subarray(0, 0)) : undefined;
    }
  }

  #line(last: Buffer): string {
    const whole = this.#begun.length > 0 ? Buffer.concat([...this.#begun, last]) : last;
    this.#begun = [];
    return whole.toString('utf8', 0, whole.at(-1) === carriageReturn ? whole.length - 1 : whole.length);
  }
}

/**
 * Reads a descriptor line by line, as UTF-8; a line ends with `\n` or `\r\n`, the last one also where the file ends. It
 * reads ahead, so nobody else should read from the descriptor meanwhile. For threads and managers.
 *
 * ```ts
 * const input = lines(fd);
 * for (let line; (line = yield* input.next()) !== undefined; ) console.log(line);
 * ```
 */
export function lines(fd: number): Lines {
  return new Lines(checkedDescriptor(fd));
}
