/** `waitpid()`. */

import { constants as osConstants } from 'node:os';
import { native } from '../native.ts';
import type { KernelOp } from '../vpi/op.ts';
import { checkedBits, checkedWhole } from './arguments.ts';
import { constants } from './constants.ts';
import { scratch, scratchAddress } from './scratch.ts';
import { SystemCall, type Call } from './system-call.ts';
import { numbers } from './system-call-numbers.ts';

const { WNOHANG } = constants;

/** How a child has ended, as Node's event `exit` tells it: by itself with `code`, or by a `signal`. */
export interface ChildStatus {
  pid: number;
  code: number | null;
  signal: string | null;
}

/** What wait(2) says. Children that stop or go on are not asked for. */
export function decodeStatus(pid: number, status: number): ChildStatus {
  const signal = status & 0x7f;
  return signal === 0 ? { pid, code: (status >> 8) & 0xff, signal: null } : { pid, code: null, signal: signalName(signal) };
}

function signalName(number: number): string {
  const known = Object.entries(osConstants.signals).find(([, value]) => value === number);
  return known ? known[0] : `SIG${number}`;
}

class WaitPid extends SystemCall<ChildStatus | undefined> {
  readonly name = 'waitpid';
  readonly #pid: number;
  readonly #options: number;
  readonly #status = Buffer.alloc(4);

  constructor(pid: number, options: number) {
    super();
    this.#pid = pid;
    this.#options = options;
  }

  /** A look does not wait. */
  protected override attempt(): void {
    const result = native.syscall(numbers.wait4, this.#pid, scratchAddress, WNOHANG);
    if (result > 0) scratch.copy(this.#status, 0, 0, 4);
    if (result !== 0 || this.#options === WNOHANG) this.receive(result);
  }

  protected call(): Call {
    return [numbers.wait4, this.#pid, native.pin(this.#status), this.#options];
  }

  protected value(pid: number): ChildStatus | undefined {
    return pid === 0 ? undefined : decodeStatus(pid, this.#status.readInt32LE());
  }
}

/**
 * Waits until a child ends, and tells how. `pid` -1: any child. For threads and managers.
 *
 * A child of `node:child_process` can be waited for as long as the event loop of the isolate that started it stands
 * still: Node waits for it too, and whoever is first has the status. Its event `exit` does not come then, and Node has to
 * be told by `unref()` not to wait for that at the end.
 *
 * ```ts
 * const child = spawn('make', { stdio: 'inherit' });
 * child.unref();
 * const { code } = yield* waitpid(child.pid!);
 * ```
 *
 * @throws {VpiError} `ECHILD`: there is no such child, or somebody else has waited for it
 */
export function waitpid(pid: number): KernelOp<ChildStatus>;
/** With `constants.WNOHANG` it does not wait: `undefined` if none has ended. */
export function waitpid(pid: number, options: number): KernelOp<ChildStatus | undefined>;
export function waitpid(pid: number, options = 0): KernelOp<ChildStatus | undefined> {
  return new WaitPid(checkedWhole('pid', pid, -0x7fffffff, 0x7fffffff), checkedBits('options', options, WNOHANG));
}
