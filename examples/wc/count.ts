/** The thread: counts one file with plain blocking reads. */

import { VpiError, type OpGenerator } from 'node-vpi';
import { close, open, read } from 'node-vpi/sys';

/** In the C locale: what ends a word, and what begins one. Other bytes do neither. */
const [other, space, print] = [0, 1, 2];
const kinds = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)) return space;
  return byte > 0x20 && byte < 0x7f ? print : other;
});

const chunkSize = 32 * 1024;

/** Writes lines, words and bytes of the file at `path`, and -errno of what stopped it, into `counts`. */
export function* countFile(path: string, counts: Float64Array): OpGenerator {
  try {
    const fd = yield* open(path);
    const chunk = new Uint8Array(chunkSize);
    let [lines, words, bytes, inWord] = [0, 0, 0, false];
    for (let length; (length = yield* read(fd, chunk)) > 0; bytes += length) {
      for (let i = 0; i < length; i++) {
        const byte = chunk[i]!;
        const kind = kinds[byte];
        if (byte === 0x0a) lines++;
        if (kind === space) inWord = false;
        else if (kind === print && !inWord) {
          inWord = true;
          words++;
        }
      }
    }
    yield* close(fd);
    counts.set([lines, words, bytes]);
  } catch (error) {
    if (!(error instanceof VpiError)) throw error;
    counts[3] = error.errno;
  }
}
