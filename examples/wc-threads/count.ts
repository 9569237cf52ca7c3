/** The thread: counts one file when it is its turn. In a module of its own, so that `entry()` can name it. */

import { Semaphore, type OpGenerator } from 'node-vpi/threads';
import { countFile } from '../wc/count.ts';

/** Files that each processor has open at once, at most: each can keep a virtual processor in the kernel. */
const permits = new Semaphore(64);

/** Gives lines, words and bytes of the file at `path`, and -errno of what stopped it. */
export function* count(path: string): OpGenerator<Float64Array> {
  yield* permits.acquire();
  try {
    const counts = new Float64Array(4);
    yield* countFile(path, counts);
    return counts;
  } finally {
    permits.release();
  }
}
