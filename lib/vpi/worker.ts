/** What runs in a Worker that is a processor. */

import { workerData } from 'node:worker_threads';
import { native } from '../native.ts';
import { Processor, setProcessor } from './dispatch.ts';
import { loadEntry } from './entry.ts';
import { reportFailure } from './failure.ts';
import type { ProcessorData } from './init.ts';
import { exitForAll, writeSynchronously } from './output.ts';

const { index, count, generation, manager, data } = workerData as ProcessorData;

try {
  writeSynchronously();
  exitForAll();
  const processor = new Processor({ index, count, manager: loadEntry(manager), data, onResume: undefined, onFailure: reportFailure });
  setProcessor(processor);
  native.serve(index, generation, processor.dispatch);
} catch (error) {
  reportFailure(error);
}
