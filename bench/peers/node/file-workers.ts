/** Workers that read files together, each the next one that nobody has. */

import { Worker } from 'node:worker_threads';
import { readers } from '../../workloads/cold-files.ts';

export interface FileWorkerSetup {
  paths: readonly string[];
  /** See `take()`. */
  next: Int32Array;
}

export class FileWorkers implements Disposable {
  readonly #next: Int32Array;
  readonly #workers: readonly Worker[];

  private constructor(next: Int32Array, workers: readonly Worker[]) {
    this.#next = next;
    this.#workers = workers;
  }

  /** They have loaded what they run when that resolves: a Worker's start is no part of reading. */
  static async start(paths: readonly string[]): Promise<FileWorkers> {
    const next = new Int32Array(new SharedArrayBuffer(4));
    const workers = Array.from({ length: readers }, () => new Worker(new URL('./file-worker.js', import.meta.url), { workerData: { paths, next } satisfies FileWorkerSetup }));
    await Promise.all(workers.map(said));
    return new FileWorkers(next, workers);
  }

  /** Bytes, of all files. */
  async readAll(): Promise<number> {
    Atomics.store(this.#next, 0, 0);
    const sums = this.#workers.map(said);
    for (const worker of this.#workers) worker.postMessage('read');
    return (await Promise.all(sums)).reduce((a, b) => a + b);
  }

  [Symbol.dispose](): void {
    for (const worker of this.#workers) worker.postMessage('end');
  }
}

function said(worker: Worker): Promise<number> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (sum: number) => {
      worker.off('error', reject);
      resolve(sum);
    });
  });
}
