/** `start()`: runs threads in Workers, while the event loop of the caller lives on. */

import { closeSync, writeSync } from 'node:fs';
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import { loadEntry, VpiError, type Entry } from '../vpi/index.ts';
import { native } from '../native.ts';
import type { HostAnswer, HostCall, HostLine } from './host.ts';
import type { RunOptions } from './run.ts';
import type { ThreadFunction } from './thread.ts';

export interface StartOptions<A extends unknown[]> extends RunOptions {
  /** For the first thread; structured-cloned. */
  args?: A;
}

/** What the Worker is given that calls `run()`. */
export interface StartSetup {
  entry: Entry<ThreadFunction>;
  args: unknown[];
  options: RunOptions;
  lines: HostLine[];
}

/** What it sends. */
export type StartOutcome = { value: unknown } | { error: unknown };

/**
 * Runs what `entry` names as the first thread, as `run()` does, but with all processors in Workers. Threads can call async
 * functions here by `host()`.
 *
 * ```ts
 * const sum = await start(entry<typeof main>(import.meta.resolve('./main.js'), 'main'), { processors: 2, args: [10] });
 * ```
 *
 * @returns what the first thread returns, structured-cloned; rejected with what `run()` would throw
 */
export async function start<A extends unknown[], R>(entry: Entry<ThreadFunction<A, R>>, { args, ...options }: StartOptions<A> = {}): Promise<R> {
  const lines = Array.from({ length: options.processors ?? 1 }, openLine);
  const setup: StartSetup = { entry: entry as Entry<ThreadFunction>, args: args ?? [], options, lines: lines.map(({ there }) => there) };
  const worker = new Worker(new URL('./start-worker.js', import.meta.url), { workerData: setup, transferList: setup.lines.map(({ port }) => port) });
  try {
    const outcome = await outcomeOf(worker);
    if ('error' in outcome) throw outcome.error;
    return outcome.value as R;
  } finally {
    for (const line of lines) line.close();
  }
}

function outcomeOf(worker: Worker): Promise<StartOutcome> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the Worker of start() has ended with status ${code}`)));
  });
}

/** One processor's connection to this isolate. */
function openLine(): { there: HostLine; close: () => void } {
  const { port1, port2 } = new MessageChannel();
  const eventfd = native.syscall(290 /* eventfd2 */, 0, 0o2000000 /* EFD_CLOEXEC */);
  if (eventfd < 0) throw new VpiError(eventfd, 'eventfd');
  let isOpen = true;
  port1.on('message', (call: HostCall) => void answer(call, port1).then(() => isOpen && writeSync(eventfd, one)));
  const close = () => {
    isOpen = false;
    port1.close();
    closeSync(eventfd);
  };
  return { there: { port: port2, eventfd }, close };
}

const one = new Uint8Array(BigUint64Array.of(1n).buffer);

async function answer({ id, entry, args }: HostCall, port: MessagePort): Promise<void> {
  try {
    const value: unknown = await loadEntry(entry)(...(args as never[]));
    port.postMessage({ id, failed: false, value } satisfies HostAnswer);
  } catch (error) {
    sendError(id, error, port);
  }
}

/** One that cannot be cloned is sent as text. */
function sendError(id: number, value: unknown, port: MessagePort): void {
  try {
    port.postMessage({ id, failed: true, value } satisfies HostAnswer);
  } catch {
    port.postMessage({ id, failed: true, value: new Error(String(value)) } satisfies HostAnswer);
  }
}
