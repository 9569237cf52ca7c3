/** What runs in a Worker that is a processor. */

import { workerData } from 'node:worker_threads';
import { native } from '../native.ts';
import { Processor, setProcessor } from './dispatch.ts';
import { loadEntry } from './entry.ts';
import { reportFailure } from './failure.ts';
import type { ProcessorData } from './init.ts';
import { exitForAll, writeSynchronously } from './output.ts';

const { index, count, generation, manager, data } = workerData as ProcessorData;

const takeBack = exitForAll();
try {
  writeSynchronously();
  const processor = new Processor({ index, count, manager: loadEntry(manager), data, onResume: undefined, onFailure: reportFailure });
  setProcessor(processor);
  native.serve(index, generation, processor.dispatch);
} catch (error) {
  reportFailure(error);
} finally {
  // From here on it is a Worker as any other: what ends it does not end the process.
  takeBack();
}
