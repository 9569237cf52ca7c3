/** What wc prints: a row for each file, in columns as wide as the sum of the sizes, and a total of more than one. */

import { statSync } from 'node:fs';
import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';

const EISDIR = -constants.errno.EISDIR;

export class Table {
  readonly #width: number;
  readonly #total = [0, 0, 0];
  #rows = 0;
  #failed = false;

  constructor(files: string[]) {
    this.#width = columnWidth(files);
  }

  /** `counts`: lines, words, bytes, and -errno of what stopped it. */
  add(name: string, counts: Float64Array): void {
    const errno = counts[3]!;
    this.#rows++;
    if (errno !== 0) {
      process.stderr.write(`wc: ${name}: ${getSystemErrorMap().get(errno)?.[1]}\n`);
      this.#failed = true;
    }
    // A directory can be opened: wc has a row for it.
    if (errno !== 0 && errno !== EISDIR) return;
    this.#print(counts.subarray(0, 3), name);
    for (let i = 0; i < 3; i++) this.#total[i]! += counts[i]!;
  }

  /** That was the last. Gives the status to exit with. */
  end(): number {
    if (this.#rows > 1) this.#print(this.#total, 'total');
    return this.#failed ? 1 : 0;
  }

  #print(counts: Iterable<number>, name: string): void {
    process.stdout.write(`${[...counts].map((count) => String(count).padStart(this.#width)).join(' ')} ${name}\n`);
  }
}

function columnWidth(files: string[]): number {
  let sum = 0;
  let least = 1;
  for (const file of files) {
    const stat = statSync(file, { throwIfNoEntry: false });
    if (!stat) continue;
    if (stat.isFile()) sum += stat.size;
    else least = 7;
  }
  return Math.max(String(sum).length, least);
}
