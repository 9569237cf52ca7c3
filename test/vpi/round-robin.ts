/** The least of a thread system, for tests: threads take turns on one processor, and block without harm to each other. */

import {
  DETACHED,
  finish,
  init,
  interrupt,
  Notification,
  self,
  type AnyOp,
  type InitOptions,
  type OpGenerator,
  type Upcall,
  type VpHandle,
} from 'node-vpi';
import { takeTurns } from './turns.ts';

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
  return init({ ...options, manager: () => takeTurns(ready, run, look) });
}

function* run(thread: Thread): OpGenerator {
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

function look({ type, data }: Upcall): void {
  if (type === Notification.BLOCKED) blocks++;
  else if (type === DETACHED) (data as Thread).op = undefined;
}
