/** end-case.js NAME: a program with blocked VPs on two processors, which ends in the way that NAME says; see ends.ts. */

import { Worker, isMainThread, workerData } from 'node:worker_threads';
import { entry, init } from 'node-vpi';
import { makePipe } from './pipes.ts';

const name = isMainThread ? process.argv[2]! : (workerData as string);

if (name.startsWith('terminate') && isMainThread) terminateWorker();
else begin();

function begin(): void {
  process.on('exit', (code) => name === 'exit' && process.stderr.write(`exit handler ${code}\n`));
  const pipes = Array.from({ length: 8 }, makePipe);
  const manager = entry<never>(import.meta.resolve('./end-manager.js'), name === 'no-such-entry' ? 'nothing' : 'manager');
  const second = name === 'no-such-entry' ? entry<never>(import.meta.resolve('./end-manager.js'), 'nothing') : manager;
  const data = { name, fds: pipes.map((pipe) => pipe.from), arrived: new Int32Array(new SharedArrayBuffer(4)) };
  process.exitCode = init({ manager: second, data, processors: 2 });
}

/** The instance runs in a Worker, which is terminated when it says that it is ready. */
function terminateWorker(): void {
  const worker = new Worker(new URL(import.meta.url), { workerData: name, argv: [name] });
  worker.on('message', () => {
    const terminate = () => void worker.terminate().then(() => process.exit(6));
    if (name !== 'terminate-after-request') return terminate();
    // What is requested stays with the Worker's event loop, which stands still; when that has been looked at, it gives no other sign.
    void worker.getHeapSnapshot().catch(() => {});
    setTimeout(terminate, 1000);
  });
  worker.on('exit', () => process.exit(6));
}
