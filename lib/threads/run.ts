/** `run()`: runs threads until all of them have ended. */

import { entry, init, Notification } from '../vpi/index.ts';
import { DeadlockError } from './errors.ts';
import { unjoinedErrors } from './failures.ts';
import type { HostLine } from './host.ts';
import { phase } from './instance.ts';
import { closePorts, makeChannels, transferable } from './mail.ts';
import { deadlockReports } from './report.ts';
import { maxProcessors, Phase, SharedMemory } from './shared-memory.ts';
import { main, setNextMain, takeMail, threadManager, type Setup } from './system.ts';
import type { ThreadFunction } from './thread.ts';

export interface RunOptions {
  /** Isolates that run threads at the same time: this one, and Workers; default 1. */
  processors?: number;
  /** Notifications that are wanted, `Notification.…` or'ed; BLOCKED is always. Default: BLOCKED and UNBLOCKED. */
  mask?: number;
  /** At most so many virtual processors, and with them system calls that block at the same time; default 1100. */
  maxVps?: number;
}

/**
 * Runs `fn` as the first thread, and returns what that returns, or throws what it throws, when it and every thread that is
 * not detached have ended; detached ones are cancelled then. The calling thread's event loop stands still meanwhile.
 *
 * ```ts
 * const text = run(function* () {
 *   const other = Thread.create(function* () { yield* sleep(10); return 'world'; });
 *   return `hello ${yield* other.join()}`;
 * });
 * ```
 *
 * @throws {DeadlockError} every thread waits for another one
 * @throws the error of a thread that failed and was never joined; an `AggregateError` of several
 * @throws {VpiError} as `init()` of `node-vpi`
 */
export function run<R>(fn: ThreadFunction<[], R>, options: RunOptions = {}): R {
  if (typeof fn !== 'function') throw new TypeError(`fn must be a generator function, not ${String(fn)}`);
  return runWith(fn, options, []);
}

/** @internal The same, with a connection for each processor to the isolate of `start()`. */
export function runWith<R>(fn: ThreadFunction<[], R>, { processors = 1, mask = Notification.BLOCKED | Notification.UNBLOCKED, maxVps }: RunOptions, lines: readonly HostLine[]): R {
  if (!Number.isInteger(processors) || processors < 1 || processors > maxProcessors) throw new RangeError(`processors must be a whole number from 1 to ${maxProcessors}, not ${processors}`);
  const buffer = SharedMemory.allocate(processors);
  const channels = makeChannels(processors);
  const dataFor = (processor: number) => {
    const ports = channels[processor]!;
    const line = lines[processor];
    return { data: { buffer, ports, line } satisfies Setup, transfer: [...transferable(ports), ...(line ? [line.port] : [])] };
  };
  const manager = processors === 1 ? threadManager : entry<typeof threadManager>(import.meta.resolve('./system.js'), 'threadManager');
  setNextMain(fn);
  try {
    init({ manager, data: dataFor(0).data, dataFor, processors, mask: mask | Notification.BLOCKED, ...(maxVps !== undefined && { maxVps }) });
    takeMail();
    return outcome() as R;
  } finally {
    closePorts(channels[0]!);
  }
}

/** @internal What `run()` returns or throws. */
export function outcome(): unknown {
  if (phase() === Phase.deadlock) throw new DeadlockError(deadlockReports());
  if (main!.hasFailed) throw main!.answer;
  const errors = unjoinedErrors();
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, `${errors.length} threads failed, and nobody has joined them`);
  return main!.answer;
}
