/** The paper's `vpi_kernel_*` functions. */

import { native } from '../native.ts';
import { thisProcessor } from './dispatch.ts';
import { VpiError } from './error.ts';
import { KernelOp } from './op.ts';
import { never, Opcode } from './protocol.ts';
import { Notification, type Upcall, type VpHandle } from './upcall.ts';

const ETIMEDOUT = -110;

export interface RegisterOptions {
  /** Milliseconds, fractions allowed; 0 fetches what is there without sleeping. Default: for ever. */
  timeout?: number;
}

/** Waits for an upcall of this processor. */
class KernelRegister extends KernelOp<Upcall | undefined> {
  readonly name: string = 'kernelRegister()';
  readonly #deadline: number;
  readonly #sleeps: boolean;

  constructor({ timeout }: RegisterOptions) {
    super();
    if (timeout !== undefined && !(timeout >= 0)) throw new RangeError(`timeout must be 0 or more milliseconds, not ${timeout}`);
    this.#sleeps = timeout !== 0;
    this.#deadline = timeout === undefined || timeout === Infinity ? never : native.now() + timeout * 1e6;
  }

  protected override attempt(): void {
    const processor = thisProcessor();
    if (processor.isSystemVp) return;
    if (processor.queued > 0) processor.poll();
    const upcall = processor.takeUpcall();
    if (typeof upcall === 'object') this.resolve(upcall);
    else if (upcall === 'timeout' || !this.#sleeps) this.resolve(undefined);
  }

  request(mailbox: Float64Array): boolean {
    this.attempt();
    if (this.isSettled) return false;
    this.encode(mailbox, this.#deadline);
    return true;
  }

  protected encode(mailbox: Float64Array, deadline: number): void {
    mailbox[0] = Opcode.register;
    mailbox[1] = deadline;
  }

  /** Only a system VP has a result of its own: the argument of the resume. Others come back with news. */
  receive(result: number): void {
    if (result === ETIMEDOUT) return this.resolve(undefined);
    const vp = thisProcessor().mailbox[1] as VpHandle;
    this.resolve({ type: Notification.RESUMED, vp, data: undefined, registered: 0, arg: result });
  }
}

/** Resumes first; that is done once, however often it is asked for. */
class KernelResumeAndRegister extends KernelRegister {
  override readonly name = 'kernelResumeAndRegister()';
  readonly #vp: number;
  readonly #arg: number;
  #resumed = false;

  constructor(vp: number, arg: number) {
    super({});
    this.#vp = vp;
    this.#arg = arg;
  }

  /** What is queued is for the VP that goes on here. */
  protected override attempt(): void {
    if (this.#resumed) super.attempt();
  }

  protected override encode(mailbox: Float64Array, deadline: number): void {
    if (this.#resumed) return super.encode(mailbox, deadline);
    this.#resumed = true;
    mailbox[0] = Opcode.resumeRegister;
    mailbox[1] = deadline;
    mailbox[2] = this.#vp;
    mailbox[3] = this.#arg;
  }

  override receive(result: number): void {
    if (isOver(result)) this.resolve(undefined);
    else this.reject(new VpiError(result, 'vpi_kernel_resume'));
  }
}

/** It is held no longer, or gone. */
function isOver(errno: number): boolean {
  return errno === -3 /* ESRCH */ || errno === -11 /* EAGAIN */ || errno === -116 /* ESTALE */;
}

class KernelWaitRegister extends KernelOp<void> {
  readonly name = 'kernelWaitRegister()';
  readonly #count: number;

  constructor(count: number) {
    super();
    if (!Number.isInteger(count) || count < 1) throw new RangeError(`count must be a whole number from 1 on, not ${count}`);
    this.#count = count;
  }

  request(mailbox: Float64Array): boolean {
    mailbox[0] = Opcode.waitRegister;
    mailbox[1] = this.#count;
    return true;
  }

  receive(result: number): void {
    if (result === 0) this.resolve();
    else this.reject(new VpiError(result, 'vpi_kernel_wait_register'));
  }
}

/**
 * Waits for an upcall (paper: `vpi_kernel_register`). For managers.
 *
 * An upcall goes to whichever VP runs the processor that it concerns, and so does the end of the timeout: then the value
 * is `undefined`. RESUMED is also what a manager sees that was brought to a processor because that has work.
 *
 * A VP that waits for long and is not needed ends, unless the program has created it: its managers are closed.
 */
export function kernelRegister(options: RegisterOptions = {}): KernelOp<Upcall | undefined> {
  return new KernelRegister(options);
}

/**
 * Lets `vp`, which UNBLOCKED has told of, go on with this processor, and waits for an upcall; one system call, CPU
 * included. `undefined`: `vp` is not held any more, and nothing was done. For managers.
 *
 * @throws {VpiError} `EXDEV`: `vp` is no VP of this instance
 */
export function kernelResumeAndRegister(vp: VpHandle | null, arg = 0): KernelOp<Upcall | undefined> {
  return new KernelResumeAndRegister(vp ?? 0, checkedArgument(arg));
}

/**
 * Resumes a VP that is held or registered; `null`: any registered VP, or the next one to register (paper:
 * `vpi_kernel_resume`). One that is held comes back without a processor: see `DETACHED`. A registered one has the upcall
 * RESUMED with `arg`, a whole number below 2^32, for `processor` (default: this one).
 *
 * @returns false: `vp` is neither held nor registered any more
 * @throws {VpiError} `EXDEV`: `vp` is no VP of this instance
 */
export function kernelResume(vp: VpHandle | null, arg = 0, { processor }: { processor?: number } = {}): boolean {
  const here = thisProcessor();
  const index = processor ?? here.index;
  if (!Number.isInteger(index) || index < 0 || index >= here.count) throw new RangeError(`processor must be from 0 to ${here.count - 1}, not ${index}`);
  const result = native.resume(vp ?? 0, checkedArgument(arg), index);
  if (result < 0 && !isOver(result)) throw new VpiError(result, 'vpi_kernel_resume');
  return result === 0;
}

function checkedArgument(arg: number): number {
  if (!Number.isInteger(arg) || arg < 0 || arg > 0xffffffff) throw new RangeError(`arg must be a whole number from 0 to 2^32 - 1, not ${arg}`);
  return arg;
}

/**
 * Waits until at least `count` VPs are registered (paper: `vpi_kernel_wait_register`). For managers. Not for more than
 * `vps` of `init()` and what the program has created: others come and go.
 */
export function kernelWaitRegister(count: number): KernelOp<void> {
  return new KernelWaitRegister(count);
}

/**
 * Upcalls that wait for somebody to fetch them: a look at shared memory, no call. A manager that still has threads to run
 * looks here between two of them, or the threads of those upcalls starve.
 */
export function queuedCount(): number {
  return thisProcessor().queued;
}

/**
 * Sets the mask of notifications that are wanted about the calling VP, or, with `all`, about any (paper:
 * `vpi_kernel_mode`). What counts is what both masks say.
 *
 * @returns the old mask
 * @throws {VpiError} `EINVAL`: a bit that is no notification
 */
export function kernelMode(mask: number, { all = false }: { all?: boolean } = {}): number {
  const result = native.mode(mask, all);
  if (result < 0) throw new VpiError(result, 'vpi_kernel_mode');
  return result;
}
