/** The least of a thread system, for tests: threads take turns on one processor, and block without harm to each other. */

import {
  DETACHED,
  finish,
  init,
  interrupt,
  kernelRegister,
  kernelResumeAndRegister,
  Notification,
  queuedCount,
  self,
  setData,
  type AnyOp,
  type InitOptions,
  type OpGenerator,
  type Upcall,
  type VpHandle,
} from '../../lib/vpi/index.ts';

export class Thread {
  readonly body: OpGenerator;
  /** In what it waits, and the VP that waits with it. */
  op: AnyOp | undefined;
  vp: VpHandle | undefined;

  constructor(body: OpGenerator) {
    this.body = body;
  }

  /** The op in which it waits throws `error`, unless its result is there already. */
  cancel(error: Error): void {
    this.op!.reject(error);
    this.interrupt();
  }

  /** Its system call fails with EINTR. */
  interrupt(): void {
    interrupt(this.vp!);
  }
}

/** A thread that can go on on any VP, or a VP that is held with the thread that blocked on it. */
const ready: (Thread | VpHandle)[] = [];
let living = 0;
/** BLOCKED upcalls since the beginning. */
let blocks = 0;

export function blockCount(): number {
  return blocks;
}

export function spawnThread(body: () => OpGenerator): Thread {
  const thread = new Thread(body());
  ready.push(thread);
  living++;
  return thread;
}

/** Returns when all threads have ended, or one of them finishes; throws what one of them throws. */
export function runThreads(main: () => OpGenerator, options: Partial<InitOptions> = {}): number {
  return runAll([main()], options);
}

/** The same with several threads to begin with. */
export function runAll(bodies: OpGenerator[], options: Partial<InitOptions> = {}): number {
  ready.length = 0;
  living = 0;
  blocks = 0;
  for (const body of bodies) spawnThread(() => body);
  return init({ ...options, manager });
}

function* manager(): OpGenerator {
  for (;;) {
    if (queuedCount() > 0) handle(yield* kernelRegister({ timeout: 0 }));
    const next = ready.shift();
    if (next === undefined) handle(yield* kernelRegister());
    else if (typeof next === 'number') handle(yield* kernelResumeAndRegister(next));
    else yield* run(next);
  }
}

function* run(thread: Thread): OpGenerator {
  setData(thread);
  thread.vp = self();
  const step = thread.body.next();
  if (step.done) {
    if (--living === 0) yield* finish();
    return;
  }
  thread.op = step.value;
  yield step.value;
  thread.op = undefined;
  ready.push(thread);
}

/** BLOCKED needs nothing: that this VP runs is all it says. */
function handle(upcall: Upcall | undefined): void {
  if (upcall?.type === Notification.BLOCKED) blocks++;
  else if (upcall?.type === Notification.UNBLOCKED) ready.push(upcall.vp);
  else if (upcall?.type === DETACHED) {
    const thread = upcall.data as Thread;
    thread.op = undefined;
    ready.push(thread);
  }
}
