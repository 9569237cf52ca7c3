/**
 * Round-robin coroutines on one processor. One runs until it passes, waits for another, or has to wait in the kernel; then
 * the next has its turn. `docs/templates.md` is this file from top to bottom, and says why.
 */

import { finish, init, KernelOp, Notification, Op, queuedCount, type InitOptions, type OpGenerator } from 'node-vpi';
import { defineThreadSystem, type ThreadSystem, type VpiThread } from 'node-vpi/templates';

/** A thread: what it does, who waits for its end, and what it returned. */
export interface Coroutine<T = unknown> extends VpiThread {
  body: OpGenerator<T>;
  joiners: Coroutine[];
  result?: { value: T };
}

/** Those that can go on, in the order of their turns. */
export const ready: Coroutine[] = [];
let current: Coroutine;
let first: Coroutine;
/** Coroutines that have not ended; those of them that are in the kernel; how often the kernel has told of one. */
export let [living, inKernel, blocks] = [0, 0, 0];

/** What a coroutine yields that waits for others, and not for the kernel. */
class Wait extends Op<void> {
  readonly name = 'wait()';
}

/** Waits in `queue`, until somebody puts the coroutine into `ready`. */
export function* wait(queue: Coroutine[]): OpGenerator {
  queue.push(current);
  yield* new Wait();
}

/** Lets the others have their turns. */
export const pass = (): OpGenerator => wait(ready);

/** Waits for the end of `other`, and gives what that returned. */
export function* join<T>(other: Coroutine<T>): OpGenerator<T> {
  if (!other.result) yield* wait(other.joiners);
  return other.result!.value;
}

/** A new coroutine, which begins when it has its turn. */
export function spawn<T>(body: () => OpGenerator<T>): Coroutine<T> {
  const coroutine: Coroutine<T> = { op: undefined, heldVp: undefined, body: body(), joiners: [] };
  ready.push(coroutine);
  living++;
  return coroutine;
}

/** Runs `coroutine` until it ends, or waits; whether it does so for the kernel. */
export function needsKernel(coroutine: Coroutine): boolean {
  current = coroutine;
  const step = coroutine.body.next();
  if (step.done) {
    coroutine.result = { value: step.value };
    ready.push(...coroutine.joiners);
    living--;
  } else if (step.value instanceof KernelOp) coroutine.op = step.value;
  else step.value.resolve(undefined);
  return coroutine.op !== undefined;
}

export const system: ThreadSystem<Coroutine, () => OpGenerator> = {
  init(main) {
    ready.length = 0;
    [living, inKernel, blocks] = [0, 0, 0];
    first = spawn(main);
  },
  manager() {
    while (living > 0 && queuedCount() === 0) {
      const next = ready.shift();
      if (next === undefined || next.heldVp !== undefined || needsKernel(next)) return next;
    }
    return living > 0 ? undefined : finish();
  },
  onNotification(type) {
    if (type === Notification.BLOCKED) blocks++;
  },
  block: {
    begin: () => void inKernel++,
    done: () => void inKernel--,
    ready: (coroutine) => void ready.push(coroutine),
    resumed: (coroutine) => void ready.unshift(coroutine),
  },
  idle() {
    if (ready.length > 0) return 0;
    if (inKernel === 0) throw new Error('every coroutine waits for another');
    return undefined;
  },
};

/** Runs `main` and all that comes of it; gives what `main` returned, when everything has ended. */
export function run<T>(main: () => OpGenerator<T>, options: Partial<InitOptions> = {}): T {
  init({ ...options, manager: defineThreadSystem(system), data: main });
  return first.result!.value as T;
}
