/** One of `file-workers.ts`: says how many bytes it has read, each time that it is told to read; 0 at its start. */

import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { take } from '../../workloads/cold-files.ts';
import type { FileWorkerSetup } from './file-workers.ts';

const { paths, next } = workerData as FileWorkerSetup;
const port = parentPort!;

port.on('message', (order: 'read' | 'end') => {
  if (order === 'end') return port.close();
  let sum = 0;
  for (let index; (index = take(next, paths.length)) !== undefined; ) sum += readFileSync(paths[index]!).length;
  port.postMessage(sum);
});
port.postMessage(0);
