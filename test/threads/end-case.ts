/** end-case.js NAME: threads that wait in every way on two processors, and end in the way that NAME says; see ends.ts. */

import { Worker, isMainThread, workerData } from 'node:worker_threads';
import { entry, run, start } from 'node-vpi/threads';
import { main } from './end-threads.ts';

const name = isMainThread ? process.argv[2]! : (workerData as string);

if (name.startsWith('terminate') && isMainThread) terminateWorker();
else if (name === 'exit-of-host') void start(entry<typeof main>(import.meta.resolve('./end-threads.js'), 'main'), { processors: 2, args: [name] });
else begin();

function begin(): void {
  process.on('exit', (code) => name === 'exit' && process.stderr.write(`exit handler ${code}\n`));
  const result = run(() => main(name), { processors: 2 });
  console.log(`main has returned ${result}`);
}

/** The instance runs in a Worker, which is terminated when it says that it is ready. */
function terminateWorker(): void {
  const worker = new Worker(new URL(import.meta.url), { workerData: name, argv: [name] });
  worker.on('message', () => void worker.terminate().then(() => process.exit(6)));
  worker.on('exit', () => process.exit(6));
}
