/** `init()`: makes the process a VPI instance (paper: `vpi_init`), with this thread's isolate as its first processor. */

import { Worker, type Transferable } from 'node:worker_threads';
import { native } from '../native.ts';
import { Processor, setProcessor, type Manager } from './dispatch.ts';
import { loadEntry, type Entry } from './entry.ts';
import { VpiError } from './error.ts';
import { reportFailure, restoreFailure } from './failure.ts';
import { exitForAll } from './output.ts';
import { Notification, type Upcall } from './upcall.ts';

export interface InitOptions {
  /** The manager that every VP runs. With more than one processor: named by `entry()`. */
  manager: Manager | Entry<Manager>;
  /** First data of the first VP on each processor; structured-cloned for all but the first processor. */
  data?: unknown;
  /** What another processor gets in place of that, and what of it is transferred, such as a `MessagePort`. */
  dataFor?: (processor: number) => { data: unknown; transfer: readonly Transferable[] };
  /**
   * VPs that are created at once, beside the first; default: one for each processor. More come when they are needed. Of
   * those that wait for long without being needed, as many stay as there were in the beginning.
   */
  vps?: number;
  /** At most so many VPs; default 1100. */
  maxVps?: number;
  /** Notifications that are wanted, `Notification.…` or'ed; default: BLOCKED and UNBLOCKED. */
  mask?: number;
  /** Isolates that run at the same time: this one, and Workers; default 1. */
  processors?: number;
  /** While so many VPs are active, UNBLOCKED waits until one of them looks; 0: never; default: `processors`. */
  target?: number;
  /** Called when a `kernelRegister()` is about to return RESUMED. */
  onResume?: (upcall: Upcall) => void;
}

/** What a Worker is given to become a processor. */
export interface ProcessorData {
  index: number;
  count: number;
  generation: number;
  manager: Entry<Manager>;
  data: unknown;
}

const maxProcessors = 64;

/**
 * Runs an instance: creates its VPs, which run `manager`, and waits until one of them calls `finish()`. The calling thread
 * only waits: its event loop stands still meanwhile.
 *
 * @returns the status given to `finish()`
 * @throws what a manager throws and does not catch
 * @throws {VpiError} `EBUSY`: there is an instance in this process; `ENOSYS`: the kernel has no VPI; `EAGAIN`,
 *   `ENOMEM`: there cannot be so many VPs
 */
export function init(options: InitOptions): number {
  const { manager, processors, target, data, dataFor, onResume, ...counts } = checked(options);
  const run = typeof manager === 'function' ? manager : loadEntry(manager);
  const generation = native.claim({ processors, target, ...counts });
  if (generation === 0) throw new VpiError(-16 /* EBUSY */, 'vpi_init');

  let failure: { error: unknown } | undefined;
  const onFailure = (error: unknown) => {
    if (reportFailure(error)) failure = { error };
  };
  const workers: Worker[] = [];
  const takeBack = exitForAll();
  let ran = false;
  try {
    for (let index = 1; index < processors; index++) {
      const given = dataFor?.(index) ?? { data, transfer: [] };
      workers.push(startWorker({ index, count: processors, generation, manager: manager as Entry<Manager>, data: given.data }, given.transfer));
    }
    const processor = new Processor({ index: 0, count: processors, manager: run, data, onResume, onFailure });
    setProcessor(processor);
    ran = true;
    const ending = native.run(processor.dispatch);
    if (failure) throw failure.error;
    if (ending.failure !== undefined) throw restoreFailure(ending.failure);
    if (ending.status < 0) throw new VpiError(ending.status, ending.syscall!);
    return ending.status;
  } finally {
    takeBack();
    setProcessor(undefined);
    if (!ran) native.abandon();
    for (const worker of workers) worker.unref();
  }
}

/**
 * It writes its output itself (`writeSynchronously()`), so this side shall not ask for any: the Worker, whose streams are no more
 * those of Node then, would end at such a question, which comes when `init()` is over.
 */
function startWorker(workerData: ProcessorData, transfer: readonly Transferable[]): Worker {
  return new Worker(new URL('./worker.js', import.meta.url), { workerData, transferList: [...transfer], stdout: true, stderr: true });
}

function checked(options: InitOptions) {
  const { manager, data, dataFor, onResume } = options;
  const processors = whole('processors', options.processors ?? 1, 1, maxProcessors);
  if (typeof manager !== 'function' && typeof (manager as Entry | undefined)?.url !== 'string') {
    throw new TypeError('manager must be a generator function, or an entry() that names one');
  }
  if (processors > 1 && typeof manager === 'function') {
    throw new TypeError('manager must be named by entry() when there is more than one processor: functions cannot be sent to another');
  }
  const maxVps = whole('maxVps', options.maxVps ?? 1100, 2, 8192);
  return {
    manager,
    data,
    dataFor,
    onResume,
    processors,
    maxVps,
    vps: whole('vps', options.vps ?? processors, 0, maxVps - 1) + 1,
    mask: whole('mask', options.mask ?? Notification.BLOCKED | Notification.UNBLOCKED, 0, 0x1f),
    target: whole('target', options.target ?? processors, 0, 8192),
  };
}

function whole(name: string, value: number, least: number, most: number): number {
  if (!Number.isInteger(value) || value < least || value > most) throw new RangeError(`${name} must be a whole number from ${least} to ${most}, not ${value}`);
  return value;
}
