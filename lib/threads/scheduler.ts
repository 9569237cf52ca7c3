/**
 * The scheduler of one processor: the threads that are ready, the one that runs, those that wait for a time; and the loop
 * that switches between them.
 */

import { forgottenOp, KernelOp, now, queuedCount, setBeforeOp, type AnyOp } from '../vpi/index.ts';
import { hasPosts, threadBegins, threadIsDone } from './instance.ts';
import { reportFailure } from './failures.ts';
import type { Thread } from './thread.ts';
import { ThreadQueue } from './thread-queue.ts';
import { Timers } from './timers.ts';
import type { Waitable } from './waitable.ts';

/** The thread that runs. */
export let current: Thread | undefined;

const ready = new ThreadQueue();
const timers = new Timers();
/** The newest of all threads that have not ended. */
let newest: Thread | undefined;
let threadCount = 0;
/** Threads whose system calls are not done. */
let inKernel = 0;
let switches = 0;

/** With timers, the clock is looked at every so many switches. */
const switchesPerLook = 16;

export function resetScheduler(): void {
  current = undefined;
  ready.clear();
  timers.clear();
  newest = undefined;
  threadCount = 0;
  inKernel = 0;
  switches = 0;
}

/* ---- The loop --------------------------------------------------------------------------------- */

/** Runs threads until one needs the kernel, or none is ready, or there is news from the kernel or other processors. */
export function runThreads(): Thread | undefined {
  fireTimers();
  // Managers make ops too, and programs may, outside of threads.
  forgottenOp();
  for (;;) {
    try {
      return switchThreads();
    } catch (error) {
      const thread = current;
      // What is thrown while no thread runs is a fault of this file.
      if (thread === undefined) throw error;
      current = undefined;
      forgottenOp();
      fail(thread, error);
    }
  }
}

function switchThreads(): Thread | undefined {
  while (queuedCount() === 0 && !hasPosts()) {
    if (timers.size > 0 && switches % switchesPerLook === 0) fireTimers();
    const thread = ready.shift();
    if (thread === undefined || thread.heldVp !== undefined) return thread;
    switches++;
    thread.state = 'running';
    current = thread;
    if (thread.cancellation !== undefined || isGuarded) guard(thread);
    const step = thread.generator!.next();
    if (settle(thread, step)) return thread;
  }
  return undefined;
}

/** It has come to a scheduling point, or its end. True: it needs the kernel. */
function settle(thread: Thread, step: IteratorResult<AnyOp, unknown>): boolean {
  const forgotten = forgottenOp();
  if (forgotten !== undefined) complain(thread, step, forgotten);
  else if (step.done) end(thread, step.value);
  else if (thread.state === 'running') return needsKernel(thread, step.value);
  current = undefined;
  return false;
}

/** What it yielded has not queued it anywhere. */
function needsKernel(thread: Thread, op: AnyOp): boolean {
  if (op instanceof KernelOp) {
    thread.op = op;
    current = undefined;
    return true;
  }
  const error = new TypeError(`a thread yielded ${describe(op)}: it can yield ops only, by yield*`);
  return settle(thread, thread.generator!.throw(error));
}

function describe(value: unknown): string {
  if (value instanceof Object && 'name' in value) return String(value.name);
  return typeof value === 'object' ? 'an object that is no op' : String(value);
}

/** An op was made and dropped: nothing that the thread believes is so. It hears of that where it stands. */
function complain(thread: Thread, step: IteratorResult<AnyOp, unknown>, forgotten: AnyOp): void {
  const error = forgottenError(forgotten);
  undoWait(thread);
  if (step.done) return fail(thread, error);
  if (step.value instanceof KernelOp) step.value.reject(error);
  else thread.error = error;
  requeue(thread);
}

function forgottenError({ name }: AnyOp): TypeError {
  return new TypeError(`${name} was called without yield*: nothing has waited for it; write yield* ${name}`);
}

/** It runs on although it has queued itself. */
function undoWait(thread: Thread): void {
  if (thread.state === 'waiting') thread.waitsFor!.giveUp(thread, undefined);
  if (thread.state === 'ready') ready.remove(thread);
  thread.state = 'running';
}

/* ---- Waiting ------------------------------------------------------------------------------------- */

/**
 * The running thread, at the begin of something that it may have to wait for. Throws its cancellation, if it does not know
 * of that yet.
 */
export function beginWait(): Thread {
  const thread = runningThread();
  const forgotten = forgottenOp();
  if (forgotten !== undefined) {
    undoWait(thread);
    throw forgottenError(forgotten);
  }
  if (thread.cancellation !== undefined) throwCancellation();
  return thread;
}

export function runningThread(): Thread {
  if (current === undefined) throw new TypeError('this can be called by a thread only: in what run() or Thread.create() runs');
  return current;
}

/** The running thread waits, until `wake()`; or until `deadline`, in milliseconds of `now()`. */
export function park(thread: Thread, waitsFor: Waitable, deadline?: number): void {
  thread.state = 'waiting';
  thread.waitsFor = waitsFor;
  thread.timedOut = false;
  if (deadline !== undefined && deadline < Infinity) timers.add(thread, deadline);
}

/** It waits no longer, and `error`, if there is one, comes out of what it has waited in. */
export function wakeWith(thread: Thread, error: Error | undefined): void {
  thread.error = error;
  wake(thread);
}

/** It waits no longer. */
export function wake(thread: Thread): void {
  thread.waitsFor = undefined;
  if (thread.timer >= 0) timers.remove(thread);
  thread.state = 'ready';
  ready.push(thread);
}

/** The running thread goes to the end of the queue. */
export function requeue(thread: Thread): void {
  thread.state = 'ready';
  ready.push(thread);
}

function fireTimers(): void {
  if (timers.size === 0) return;
  const time = now();
  for (let thread; (thread = timers.earliest) !== undefined && thread.deadline <= time; ) {
    timers.remove(thread);
    thread.timedOut = true;
    if (!thread.waitsFor!.giveUp(thread, undefined)) thread.timedOut = false;
  }
}

/** Milliseconds to the next timer, undefined without one. */
export function nextTimer(): number | undefined {
  const { earliest } = timers;
  return earliest === undefined ? undefined : Math.max(0, earliest.deadline - now());
}

/* ---- In the kernel --------------------------------------------------------------------------------- */

/** For the templates: see `Blocking`. */
export const blocking = {
  begin(thread: Thread): void {
    thread.state = 'blocked';
    inKernel++;
  },

  done(thread: Thread, op: KernelOp<unknown>): void {
    inKernel--;
    // It hears of it here. A result that was there already counts, and the cancellation waits for the next op.
    if (thread.cancellation !== undefined && op.isRejectedWith(thread.cancellation)) thread.cancellation = undefined;
  },

  ready(thread: Thread): void {
    thread.state = 'ready';
    ready.push(thread);
  },

  resumed(thread: Thread): void {
    thread.state = 'ready';
    ready.unshift(thread);
  },
};

/** Nothing can happen here by itself. */
export function isQuiet(): boolean {
  return inKernel === 0 && timers.size === 0 && ready.first === undefined;
}

/* ---- Cancellation ------------------------------------------------------------------------------------- */

/** Whether ops of the kernel ask `throwCancellation()` first. */
let isGuarded = false;

function guard(thread: Thread): void {
  isGuarded = thread.cancellation !== undefined;
  setBeforeOp(isGuarded ? throwCancellation : undefined);
}

/** The running thread was cancelled, and hears of it now, once. */
export function throwCancellation(): void {
  const thread = current!;
  const error = thread.cancellation;
  thread.cancellation = undefined;
  guard(thread);
  if (error !== undefined) throw error;
}

/** It was cancelled while it runs. */
export function guardCurrent(): void {
  guard(current!);
}

/* ---- Begin and end ---------------------------------------------------------------------------------------- */

export function add(thread: Thread): void {
  thread.older = newest;
  if (newest !== undefined) newest.newer = thread;
  newest = thread;
  threadCount++;
  threadBegins();
  ready.push(thread);
}

function end(thread: Thread, value: unknown): void {
  thread.state = 'finished';
  thread.outcome = value;
  close(thread);
}

function fail(thread: Thread, error: unknown): void {
  thread.state = 'failed';
  thread.outcome = error;
  reportFailure(thread, error);
  close(thread);
}

function close(thread: Thread): void {
  const { older, newer, joiners } = thread;
  if (older !== undefined) older.newer = newer;
  if (newer !== undefined) newer.older = older;
  else newest = older;
  thread.older = undefined;
  thread.newer = undefined;
  thread.generator = undefined;
  threadCount--;
  if (joiners !== undefined) while (joiners.wakeFirst() !== 0);
  if (!thread.isDetached) threadIsDone();
}

/** All that have not ended, the newest first. */
export function* allThreads(): Generator<Thread> {
  for (let thread = newest; thread !== undefined; ) {
    const { older }: Thread = thread;
    yield thread;
    thread = older;
  }
}

export function hasThreads(): boolean {
  return threadCount > 0;
}

export function threadsHere(): number {
  return threadCount;
}

/** Times that a thread was given this processor. */
export function switchCount(): number {
  return switches;
}
