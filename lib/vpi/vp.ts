/** Virtual processors: creating and ending them, and what belongs to one. */

import { native } from '../native.ts';
import { thisProcessor, type Manager } from './dispatch.ts';
import { VpiError } from './error.ts';
import { KernelOp } from './op.ts';
import { Opcode } from './protocol.ts';
import type { VpHandle } from './upcall.ts';

function createVp(manager: Manager, isSystem: boolean): VpHandle {
  const processor = thisProcessor();
  const vp = native.create(isSystem);
  if (vp < 0) throw new VpiError(vp, isSystem ? 'vpi_create_system' : 'vpi_create');
  processor.useManager(vp as VpHandle, manager, isSystem);
  return vp as VpHandle;
}

/**
 * Creates a VP (paper: `vpi_create`). It is registered at once; when it first carries an upcall to this processor, or is
 * resumed for it, it runs `manager` here.
 *
 * @throws {VpiError} `EAGAIN`, `ENOMEM`, `ENOSPC`: there cannot be more of them now
 */
export function create(manager: Manager): VpHandle {
  return createVp(manager, false);
}

/**
 * Creates a system VP (paper: `vpi_create_system`), for what the thread system itself waits for: nobody is told that it
 * blocks. It runs `manager` on this processor whenever it is its turn, which it asks for by an UNBLOCKED; its own
 * `kernelRegister()` returns what `kernelResume()` has sent to it, and nothing else.
 *
 * @throws {VpiError} as `create()`
 */
export function createSystem(manager: Manager): VpHandle {
  return createVp(manager, true);
}

/** CPUs that this process may use. */
export function cpuCount(): number {
  return native.cpuCount();
}

/** VPs of the instance, system VPs left out; 0 without one. */
export function vpCount(): number {
  return native.vpCount();
}

/** The calling VP. */
export function self(): VpHandle {
  return thisProcessor().current.handle;
}

/** What the calling VP keeps on this processor: usually the thread that it runs. */
export function getData<T>(): T | undefined {
  return thisProcessor().current.data as T | undefined;
}

export function setData(value: unknown): void {
  thisProcessor().current.data = value;
}

/** The processor that runs this: a whole number from 0 to `processorCount()` - 1. */
export function processorIndex(): number {
  return thisProcessor().index;
}

export function processorCount(): number {
  return thisProcessor().count;
}

/** Makes the system call in which `vp` is blocked fail with EINTR. False: there is no such VP. */
export function interrupt(vp: VpHandle): boolean {
  return native.interrupt(vp) === 0;
}

/**
 * Gives up an op that somebody waits for: it fails with `error`, and the call that does it is interrupted. A result that is
 * there already counts all the same. Whoever waits hears of it as of any other end of the call. An op that cannot be abandoned
 * goes on as if nothing were. For thread systems.
 */
export function abandonOp(op: KernelOp<unknown>, error: unknown): void {
  if (!op.canBeAbandoned) return;
  op.reject(error);
  thisProcessor().abandon(op);
}

/** Milliseconds of a clock that only goes forward. */
export function now(): number {
  return native.now() / 1e6;
}

/** There is work for that processor: if it is idle, a VP is woken for it (RESUMED). */
export function wakeProcessor(index: number): void {
  native.wake(index);
}

/** Asks the native loop for something that it does not come back from. */
class Ending extends KernelOp<never> {
  readonly name: string;
  readonly #opcode: number;
  readonly #status: number;

  constructor(name: string, opcode: number, status: number) {
    super();
    this.name = name;
    this.#opcode = opcode;
    this.#status = status;
  }

  request(mailbox: Float64Array): boolean {
    mailbox[0] = this.#opcode;
    mailbox[1] = this.#status;
    return true;
  }

  receive(_result: number): void {}
}

/** Ends the calling VP (paper: `vpi_exit`); as if its manager returned. For managers. */
export function exit(): KernelOp<never> {
  return new Ending('exit()', Opcode.exit, 0);
}

/**
 * Ends the instance with every VP, whatever those are doing (paper: `vpi_finish`). `init()` then returns `status`, a whole
 * number from 0 on; the first call decides.
 */
export function finish(status = 0): KernelOp<never> {
  if (!Number.isInteger(status) || status < 0 || status > 0x7fffffff) throw new RangeError(`status must be a whole number from 0 on, not ${status}`);
  return new Ending('finish()', Opcode.finish, status);
}
