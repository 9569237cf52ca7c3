/**
 * `host()`: threads call async functions of the isolate that called `start()`, whose event loop lives on.
 *
 * A call goes there by message. The answer comes by message, too; and so that a processor without an event loop hears of
 * it, by an eventfd that a thread of the library reads while there are calls: a blocking read, which costs nobody anything.
 */

import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import { read } from '../sys/index.ts';
import type { Entry, OpGenerator } from '../vpi/index.ts';
import type { AnyOp, Op } from '../vpi/op.ts';
import { cancelThread } from './cancel.ts';
import { addThread } from './create.ts';
import { CancelledError } from './errors.ts';
import type { Outcome } from './mail.ts';
import { scheduler } from './scheduler.ts';
import type { Thread } from './thread.ts';
import type { Waitable } from './waitable.ts';
import { goOn, ThreadOp } from './wait-op.ts';

/** What a processor needs to call the host. */
export interface HostLine {
  port: MessagePort;
  /** The host writes to it when it has answered. */
  eventfd: number;
}

export interface HostCall {
  id: number;
  entry: Entry<(...args: never[]) => unknown>;
  args: unknown[];
}

export interface HostAnswer extends Outcome {
  id: number;
}

let line: HostLine | undefined;
let lastId = 0;
/** Who waits for which answer. */
const callers = new Map<number, Thread>();
/** Reads the eventfd. */
let reader: Thread | undefined;

export function useHostLine(value: HostLine | undefined): void {
  line = value;
  callers.clear();
  reader = undefined;
}

const waiting: Waitable = {
  op: 'host()',
  describe: () => 'an answer of the host',

  giveUp(thread, error) {
    callers.delete(thread.answer as number);
    stopReading();
    scheduler.wakeWith(thread, error);
    return true;
  },
};

class HostOp extends ThreadOp<unknown> {
  override next(): IteratorResult<AnyOp, unknown> {
    if (scheduler.isQueued) return this.waiting;
    const thread = scheduler.current!;
    goOn(thread, this);
    const { failed, value } = thread.answer as Outcome;
    if (failed) throw value;
    return { value, done: true };
  }
}

const hostOp = new HostOp('host()');

/**
 * Calls the function that `entry` names, async or not, in the isolate that called `start()`, and waits for its result.
 * Arguments and result are structured-cloned. For threads of `start()`.
 *
 * ```ts
 * const page = yield* host(entry<typeof fetchText>(import.meta.resolve('./net.js'), 'fetchText'), 'https://example.org/');
 * ```
 *
 * @throws {TypeError} there is no such isolate: the threads were started by `run()`
 */
export function host<A extends unknown[], R>(entry: Entry<(...args: A) => R>, ...args: A): Op<Awaited<R>> {
  const thread = scheduler.beginWait();
  if (!line) throw new TypeError('host() needs the event loop of start(): the threads of run() have none');
  const id = ++lastId;
  line.port.postMessage({ id, entry: entry as HostCall['entry'], args } satisfies HostCall);
  callers.set(id, thread);
  thread.answer = id;
  scheduler.park(thread, waiting);
  reader ??= startReading();
  return hostOp.start() as Op<Awaited<R>>;
}

function startReading(): Thread {
  const thread = addThread(readAnswers());
  thread.name = 'reader of the answers of host()';
  thread.detach();
  return thread;
}

function* readAnswers(): OpGenerator {
  const count = new Uint8Array(8);
  while (callers.size > 0) {
    yield* read(line!.eventfd, count);
    for (let received; (received = receiveMessageOnPort(line!.port) as { message: HostAnswer } | undefined); ) deliver(received.message);
  }
  reader = undefined;
}

/** Who was cancelled meanwhile waits no more. */
function deliver(answer: HostAnswer): void {
  const thread = callers.get(answer.id);
  if (!callers.delete(answer.id)) return;
  thread!.answer = answer;
  scheduler.wake(thread!);
}

function stopReading(): void {
  if (callers.size > 0 || reader === undefined) return;
  cancelThread(reader, new CancelledError());
  reader = undefined;
}
