/**
 * A thread system by hand: one generator thread per file, a queue of what is ready, and a manager that every virtual
 * processor runs. Blocking reads block nobody else.
 */

import {
  DETACHED,
  finish,
  getData,
  kernelRegister,
  kernelResumeAndRegister,
  kernelStatus,
  Notification,
  queuedCount,
  setData,
  vpCount,
  type OpGenerator,
  type Upcall,
  type VpHandle,
} from 'node-vpi';
import { countFile } from './count.ts';
import { countsOf, fileDone, takeFile, type Work } from './work.ts';

/** Threads that have begun and not ended, at most: each has a file open. */
const ahead = 64;

/** A thread that can go on anywhere, or a VP that is held with the thread that blocked on it. */
const ready: (OpGenerator | VpHandle)[] = [];
let begun = 0;
let work: Work;

/** Every VP of this processor runs this. */
export function* manager(): OpGenerator {
  work ??= getData<Work>()!;
  for (;;) {
    if (queuedCount() > 0) handle(yield* kernelRegister({ timeout: 0 }));
    if (begun < ahead) beginThread();
    const next = ready.shift();
    if (next === undefined) handle(yield* kernelRegister());
    else if (typeof next === 'number') handle(yield* kernelResumeAndRegister(next));
    else yield* run(next);
  }
}

function beginThread(): void {
  const file = takeFile(work);
  if (file === undefined) return;
  ready.push(countFile(work.files[file]!, countsOf(work, file)));
  begun++;
}

/** Runs the thread until it blocks or ends. Where it blocks, so does this VP; another one goes on in its place. */
function* run(thread: OpGenerator): OpGenerator {
  setData(thread);
  const step = thread.next();
  if (!step.done) {
    yield step.value;
    ready.push(thread);
    return;
  }
  begun--;
  if (!fileDone(work)) return;
  const { blocks, seen, unblocked } = kernelStatus();
  work.figures.set([blocks, seen + unblocked, vpCount()]);
  yield* finish();
}

/** BLOCKED needs nothing: that this VP runs is all it says. */
function handle(upcall: Upcall | undefined): void {
  if (upcall?.type === Notification.UNBLOCKED) ready.push(upcall.vp);
  else if (upcall?.type === DETACHED) ready.push(upcall.data as OpGenerator);
}
