/** Creation of threads: here, or on another processor. */

import { loadEntry, type Entry, type OpGenerator } from '../vpi/index.ts';
import { cancelThread } from './cancel.ts';
import { CancelledError } from './errors.ts';
import { changeLoad, count, index, leastLoaded, threadArrives, threadDeparts, threadIsDone } from './instance.ts';
import { send, sendOutcome, type Message, type Outcome } from './mail.ts';
import { scheduler } from './scheduler.ts';
import { Thread, type ThreadFunction } from './thread.ts';

/** In an object, as the scheduler's state is. */
const ids = { serial: 0 };
/** Threads of other processors that were started here, and of this one that were started elsewhere; until they have ended. */
let strangers = new Map<number, Thread>();

export function resetThreads(): void {
  ids.serial = 0;
  strangers = new Map();
}

/** Ids say who runs a thread and who has started it; they do not repeat. 1, 2, 3 where there is one processor. */
function nextId(processor: number): number {
  return (ids.serial++ * count + index) * count + processor + 1;
}

export function processorOf(id: number): number {
  return (id - 1) % count;
}

function starterOf(id: number): number {
  return Math.floor((id - 1) / count) % count;
}

export function createThread<A extends unknown[], R>(fn: ThreadFunction<A, R> | Entry<ThreadFunction<A, R>>, args: A): Thread<R> {
  scheduler.runningThread();
  return typeof fn === 'function' ? addThread(generatorOf(fn, args)) : startEntry(fn, args);
}

export function addThread<R>(generator: OpGenerator<R>, id = nextId(index)): Thread<R> {
  const thread = new Thread(id, generator);
  scheduler.add(thread);
  // One that comes from elsewhere was counted by who has sent it.
  if (count > 1 && starterOf(id) === index) changeLoad(index, 1);
  return thread;
}

export function generatorOf<A extends unknown[], R>(fn: ThreadFunction<A, R>, args: A): OpGenerator<R> {
  if (typeof fn !== 'function') throw new TypeError(`fn must be a generator function, or an entry() that names one, not ${String(fn)}`);
  const generator = fn(...args);
  if (typeof (generator as Partial<OpGenerator<R>> | undefined)?.next !== 'function') throw new TypeError('fn must be a generator function: function* () { … }');
  return generator;
}

/* ---- On other processors ------------------------------------------------------------------- */

function startEntry<A extends unknown[], R>(entry: Entry<ThreadFunction<A, R>>, args: A): Thread<R> {
  if (typeof (entry as Partial<Entry> | undefined)?.url !== 'string') throw new TypeError(`fn must be a generator function, or an entry() that names one, not ${String(entry)}`);
  const processor = entry.processor ?? leastLoaded();
  if (!Number.isInteger(processor) || processor < 0 || processor >= count) throw new RangeError(`processor must be from 0 to ${count - 1}, not ${processor}`);
  // The same here as elsewhere: what it is given is its own.
  if (processor === index) return addThread(generatorOf(loadEntry(entry), structuredClone(args)));
  const thread = new Thread<R>(nextId(processor), elsewhere as OpGenerator<never>);
  threadDeparts();
  try {
    send(processor, { type: 'start', id: thread.id, entry: entry as Entry<ThreadFunction>, args });
  } catch (error) {
    threadArrives();
    throw error;
  }
  changeLoad(processor, 1);
  strangers.set(thread.id, thread);
  return thread;
}

/** In place of the generator of a thread that runs elsewhere and has not ended. */
const elsewhere = (function* (): OpGenerator {})();

function runsElsewhere(thread: Thread): boolean {
  return thread.generator === elsewhere;
}

/** What has come by mail about threads. */
export function receiveMail(from: number, message: Message): void {
  if (message.type === 'start') return startHere(from, message);
  if (message.type === 'failures') return;
  const thread = strangers.get(message.id);
  // It has ended meanwhile.
  if (thread === undefined) return;
  if (message.type === 'ended') endedElsewhere(thread, message.outcome);
  else if (message.type === 'cancel') cancelThread(thread, new CancelledError(message.reason));
  else detachThread(thread);
}

function endedElsewhere(thread: Thread, { failed, value, wasCancelled }: Outcome): void {
  strangers.delete(thread.id);
  if (wasCancelled) thread.cancelledWith = new CancelledError(value);
  scheduler.endElsewhere(thread, failed, wasCancelled ? thread.cancelledWith : value);
}

function startHere(from: number, { id, entry, args }: Message & { type: 'start' }): void {
  try {
    const thread = addThread(generatorOf(loadEntry(entry), args), id);
    // Who has started it hears of its error.
    thread.isJoined = true;
    strangers.set(id, thread);
  } catch (error) {
    sendOutcome(from, id, { failed: true, value: error });
  }
  threadArrives();
}

/** A thread of this processor has ended. */
export function threadEnded(thread: Thread): void {
  if (count === 1) return;
  changeLoad(index, -1);
  const starter = starterOf(thread.id);
  if (starter === index) return;
  strangers.delete(thread.id);
  sendOutcome(starter, thread.id, outcomeOf(thread));
}

/** A class of ours does not survive being cloned: it is made anew there. */
function outcomeOf({ hasFailed, answer, cancelledWith }: Thread): Outcome {
  if (cancelledWith !== undefined && answer === cancelledWith) return { failed: true, value: cancelledWith.reason, wasCancelled: true };
  return { failed: hasFailed, value: answer };
}

/* ---- Detaching and cancelling ------------------------------------------------------------------ */

/** Nobody waits for it any more. */
export function detachThread(thread: Thread): void {
  if (thread.isDetached || thread.generator === undefined) return;
  thread.isDetached = true;
  if (runsElsewhere(thread)) send(processorOf(thread.id), { type: 'detach', id: thread.id });
  else threadIsDone();
}

export function cancel(thread: Thread, reason: unknown): void {
  if (thread.generator === undefined) return;
  if (runsElsewhere(thread)) send(processorOf(thread.id), { type: 'cancel', id: thread.id, reason });
  else cancelThread(thread, new CancelledError(reason));
}
