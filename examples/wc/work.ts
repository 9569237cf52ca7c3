/** What the processors of this program share: which file is next, what was counted, how many are done. */

/** Can be sent to other processors as it is. */
export interface Work {
  files: string[];
  /** Lines, words, bytes and -errno of each file. */
  counts: Float64Array;
  /** [0] files that somebody has taken, [1] files that are done. */
  progress: Int32Array;
  /** What VPI did: blocks, upcalls, VPs. */
  figures: Float64Array;
}

const perFile = 4;

export function createWork(files: string[]): Work {
  const shared = (bytes: number) => new SharedArrayBuffer(bytes);
  return {
    files,
    counts: new Float64Array(shared(8 * perFile * files.length)),
    progress: new Int32Array(shared(8)),
    figures: new Float64Array(shared(24)),
  };
}

/** A file that nobody has taken yet; undefined: all are taken. */
export function takeFile({ files, progress }: Work): number | undefined {
  if (Atomics.load(progress, 0) >= files.length) return undefined;
  const index = Atomics.add(progress, 0, 1);
  return index < files.length ? index : undefined;
}

/** One file is done. True: that was the last. */
export function fileDone({ files, progress }: Work): boolean {
  return Atomics.add(progress, 1, 1) + 1 === files.length;
}

export function countsOf({ counts }: Work, index: number): Float64Array {
  return counts.subarray(perFile * index, perFile * (index + 1));
}
