/** What runs in the Worker of `start()`: its isolate is the first processor. */

import { parentPort, workerData } from 'node:worker_threads';
import { loadEntry } from '../vpi/index.ts';
import { runWith } from './run.ts';
import type { StartOutcome, StartSetup } from './start.ts';

const { entry, args, options, lines } = workerData as StartSetup;

function outcome(): StartOutcome {
  try {
    return { value: runWith(() => loadEntry(entry)(...args), options, lines) };
  } catch (error) {
    return { error };
  }
}

function send(outcome: StartOutcome): void {
  try {
    parentPort!.postMessage(outcome);
  } catch (error) {
    parentPort!.postMessage({ error: new TypeError(`what came out of the first thread cannot be sent: ${String(error)}`) } satisfies StartOutcome);
  }
}

send(outcome());
