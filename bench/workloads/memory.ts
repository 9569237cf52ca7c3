/** `14 COUNT`: figure 14, the memory of so many threads that wait. */

import { run, Semaphore, Thread, yieldNow, type OpGenerator } from 'node-vpi/threads';
import { now } from 'node-vpi';
import { check, readArguments, report } from './arguments.ts';
import { freeMemory } from './free-memory.ts';

const given = readArguments(process.argv.slice(2), [14]);

let waiting = 0;

function* waits(semaphore: Semaphore): OpGenerator {
  waiting++;
  yield* semaphore.acquire();
}

const { time, bytes } = run(function* () {
  const semaphore = new Semaphore(0);
  const before = freeMemory();
  const start = now();
  const all = Array.from({ length: given.count }, () => Thread.create(waits, semaphore));
  yield* yieldNow();
  const time = now() - start;
  const bytes = before - freeMemory();
  check(waiting === given.count, 'somebody has not come to wait');
  semaphore.release(given.count);
  for (const thread of all) yield* thread.join();
  return { time, bytes };
});
report('vpithreads-1', given, time, { bytes });
