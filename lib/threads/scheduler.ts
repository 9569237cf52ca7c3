/**
 * The scheduler of one processor: the threads that are ready, the one that runs, those that wait for a time; and the loop
 * that switches between them.
 */

import { forgottenOp, KernelOp, now, queuedCount, setBeforeOp, type AnyOp, type OpGenerator } from '../vpi/index.ts';
import { hasPosts, threadBegins, threadIsDone } from './instance.ts';
import { reportFailure } from './failures.ts';
import { ReadyQueue } from './ready-queue.ts';
import type { CancelledError } from './errors.ts';
import type { Thread } from './thread.ts';
import { Timers } from './timers.ts';
import type { Waitable } from './waitable.ts';

/** Between two looks at what comes from outside: the kernel's queue, other processors, the clock. */
const switchesPerLook = 4;
/** See `#switchThreads()`. */
const looksPerCall = 64;

/**
 * Every generator function gives its generators a prototype of their own, so to V8 they all look different; their
 * `next()` is the same all the same.
 */
const resume: (this: OpGenerator<unknown>) => IteratorResult<AnyOp, unknown> = (function* (): OpGenerator {})().next; // eslint-disable-line @typescript-eslint/unbound-method -- called with a generator, by call()

/** One object, since V8 writes the fields of one faster than the variables of a module. */
class Scheduler {
  /** Threads that have not ended, by their slots; 0 is nobody's. */
  #table: (Thread | undefined)[] = [undefined];
  #freeSlots: number[] = [];
  /** Of the thread that runs. */
  #currentSlot = 0;
  /** It waits for something, or for its next turn, and only has to come to its `yield*`. */
  isQueued = false;
  readonly ready = new ReadyQueue();
  readonly timers = new Timers();
  /** Threads that have not ended. */
  threadCount = 0;
  /** Threads whose system calls are not done. */
  inKernel = 0;
  /** Times that a thread was given this processor. */
  switches = 0;

  /** Hears of each thread that has ended. */
  onEnd: (thread: Thread) => void = () => {};
  /** The thread that needs the kernel, or undefined where none is ready. */
  #stopped: Thread | undefined;

  reset(): void {
    this.#table = [undefined];
    this.#freeSlots = [];
    this.#currentSlot = 0;
    this.isQueued = false;
    this.ready.clear();
    this.timers.clear();
    this.threadCount = 0;
    this.inKernel = 0;
    this.switches = 0;
    setBeforeOp(() => this.current && this.beginWait());
  }

  /** The thread that runs. */
  get current(): Thread | undefined {
    return this.#table[this.#currentSlot];
  }

  /* ---- The loop --------------------------------------------------------------------------------- */

  /** Runs threads until one needs the kernel, or none is ready, or there is news from the kernel or other processors. */
  runThreads(): Thread | undefined {
    this.#fireTimers();
    // Managers make ops too, and programs may, outside of threads.
    forgottenOp();
    for (;;) {
      try {
        while (this.#switchThreads());
        this.#currentSlot = 0;
        return this.#stopped;
      } catch (error) {
        const thread = this.current!;
        this.#currentSlot = 0;
        forgottenOp();
        this.#fail(thread, error);
      }
    }
  }

  /**
   * False: `#stopped` is why no more are run; undefined: there is news. It returns from time to time: V8 makes good code
   * for what is called often, and not for a loop that goes on and on.
   */
  #switchThreads(): boolean {
    this.#stopped = undefined;
    for (let looks = 0; looks < looksPerCall; looks++) {
      if (queuedCount() > 0 || hasPosts()) return false;
      if (this.timers.size > 0) this.#fireTimers();
      if (!this.#runSome()) return false;
    }
    return true;
  }

  /** False: `#stopped` is why no more are run. */
  #runSome(): boolean {
    for (let i = 0; i < switchesPerLook; i++) {
      const thread = this.#table[this.ready.shift()];
      if (thread === undefined || thread.heldVp !== undefined || this.#switchTo(thread)) {
        this.#stopped = thread;
        return false;
      }
    }
    return true;
  }

  /** Runs it until its next scheduling point. True: it needs the kernel. */
  #switchTo(thread: Thread): boolean {
    this.switches++;
    this.#currentSlot = thread.slot;
    this.isQueued = false;
    const step = resume.call(thread.generator!);
    if (step.done) this.#end(thread, step.value);
    // Otherwise it has queued itself somewhere.
    else if (!this.isQueued) return this.#needsKernel(thread, step.value);
    return false;
  }

  /** What it yielded is for the kernel; false: it was no op. */
  #needsKernel(thread: Thread, op: AnyOp): boolean {
    if (!(op instanceof KernelOp)) {
      this.#hasYielded(thread, op);
      return false;
    }
    thread.op = op;
    return true;
  }

  /** It hears of that where it stands. */
  #hasYielded(thread: Thread, value: unknown): void {
    const error = new TypeError(`a thread yielded ${describe(value)}: it can yield ops only, by yield*`);
    const step = thread.generator!.throw(error);
    if (step.done) return this.#end(thread, step.value);
    // It has caught that, and has come to something else.
    if (!this.isQueued) this.#fail(thread, error);
  }

  /* ---- Waiting ------------------------------------------------------------------------------------- */

  /**
   * The running thread, where it begins something that it may have to wait for. What it has forgotten before is thrown here,
   * and its cancellation, if it does not know of that yet.
   */
  beginWait(): Thread {
    const thread = this.runningThread();
    if (this.isQueued) throw this.#dropWait(thread);
    const forgotten = forgottenOp();
    if (forgotten !== undefined) throw forgottenError(forgotten.name);
    if (thread.cancellation !== undefined) throw this.#takeCancellation(thread);
    return thread;
  }

  /** It has queued itself, and runs on: nothing that it believes is so. */
  #dropWait(thread: Thread): TypeError {
    const name = thread.waitsFor?.op ?? 'yieldNow()';
    thread.waitsFor?.giveUp(thread, undefined);
    this.ready.remove(thread.slot);
    this.isQueued = false;
    return forgottenError(name);
  }

  runningThread(): Thread {
    const { current } = this;
    if (current === undefined) throw new TypeError('this can be called by a thread only: in what run() or Thread.create() runs');
    return current;
  }

  /** The running thread waits, until `wake()`; or until `deadline`, in milliseconds of `now()`. */
  park(thread: Thread, waitsFor: Waitable, deadline?: number): void {
    this.isQueued = true;
    thread.waitsFor = waitsFor;
    thread.timedOut = false;
    if (deadline !== undefined && deadline < Infinity) this.timers.add(thread, deadline);
  }

  /** It waits no longer, and `error`, if there is one, comes out of what it has waited in. */
  wakeWith(thread: Thread, error: Error | undefined): void {
    thread.error = error;
    this.wake(thread);
  }

  /** It waits no longer. */
  wake(thread: Thread): void {
    thread.waitsFor = undefined;
    if (thread.timer >= 0) this.timers.remove(thread);
    this.ready.push(thread.slot);
  }

  /** The running thread goes to the end of the queue. */
  requeue(thread: Thread): void {
    this.isQueued = true;
    this.ready.push(thread.slot);
  }

  #fireTimers(): void {
    if (this.timers.size === 0) return;
    const time = now();
    while (this.timers.deadline <= time) {
      const thread = this.timers.earliest;
      this.timers.remove(thread);
      thread.timedOut = true;
      if (!thread.waitsFor!.giveUp(thread, undefined)) thread.timedOut = false;
    }
  }

  /** Milliseconds to the next timer, undefined without one. */
  nextTimer(): number | undefined {
    return this.timers.size === 0 ? undefined : Math.max(0, this.timers.deadline - now());
  }

  /* ---- In the kernel --------------------------------------------------------------------------------- */

  /** Nothing can happen here by itself. */
  isQuiet(): boolean {
    return this.inKernel === 0 && this.timers.size === 0 && this.ready.isEmpty;
  }

  /* ---- Cancellation ------------------------------------------------------------------------------------- */

  /** It hears of its cancellation now, once. */
  #takeCancellation(thread: Thread): CancelledError {
    const error = thread.cancellation!;
    thread.cancellation = undefined;
    return error;
  }

  /* ---- Begin and end ---------------------------------------------------------------------------------------- */

  add(thread: Thread): void {
    thread.slot = this.#freeSlots.pop() ?? this.#table.length;
    this.#table[thread.slot] = thread;
    this.threadCount++;
    threadBegins();
    this.ready.push(thread.slot);
  }

  #end(thread: Thread, value: unknown): void {
    if (this.isQueued) return this.#fail(thread, this.#dropWait(thread));
    const forgotten = forgottenOp();
    if (forgotten !== undefined) return this.#fail(thread, forgottenError(forgotten.name));
    thread.answer = value;
    this.#close(thread);
  }

  #fail(thread: Thread, error: unknown): void {
    if (this.isQueued) this.#dropWait(thread);
    thread.hasFailed = true;
    thread.answer = error;
    reportFailure(thread, error);
    this.#close(thread);
  }

  #close(thread: Thread): void {
    this.#table[thread.slot] = undefined;
    this.#freeSlots.push(thread.slot);
    thread.generator = undefined;
    this.threadCount--;
    this.onEnd(thread);
    if (thread.joiners !== undefined) this.#wakeJoiners(thread);
    if (!thread.isDetached) threadIsDone();
  }

  /** A thread of another processor that was started here. */
  endElsewhere(thread: Thread, failed: boolean, outcome: unknown): void {
    thread.hasFailed = failed;
    thread.answer = outcome;
    thread.generator = undefined;
    if (failed) reportFailure(thread, outcome);
    if (thread.joiners !== undefined) this.#wakeJoiners(thread);
  }

  /** The last to come is the first of the list, and the last to be woken. */
  #wakeJoiners(thread: Thread): void {
    let first: Thread | undefined;
    for (let joiner = thread.joiners; joiner !== undefined; ) {
      const { next }: Thread = joiner;
      joiner.next = first;
      first = joiner;
      joiner = next;
    }
    thread.joiners = undefined;
    while (first !== undefined) {
      const joiner: Thread = first;
      first = joiner.next;
      joiner.next = undefined;
      this.wake(joiner);
    }
  }

  /** All that have not ended, the newest first. */
  allThreads(): Thread[] {
    return this.#table.filter((thread) => thread !== undefined).sort((a, b) => b.id - a.id);
  }
}

/** This processor's. */
export const scheduler = new Scheduler();

/** The thread blocking template, filled in. */
export const blocking = {
  begin(): void {
    scheduler.inKernel++;
  },

  done(thread: Thread, op: KernelOp<unknown>): void {
    scheduler.inKernel--;
    // It hears of it here. A result that was there already counts, and the cancellation waits for the next op.
    if (thread.cancellation !== undefined && op.isRejectedWith(thread.cancellation)) thread.cancellation = undefined;
  },

  ready(thread: Thread): void {
    scheduler.ready.push(thread.slot);
  },

  resumed(thread: Thread): void {
    scheduler.ready.unshift(thread.slot);
  },
};

function describe(value: unknown): string {
  if (value instanceof Object && 'name' in value) return String(value.name);
  return typeof value === 'object' ? 'an object that is no op' : String(value);
}

function forgottenError(name: string): TypeError {
  return new TypeError(`${name} was called without yield*: nothing has waited for it; write yield* ${name}`);
}
