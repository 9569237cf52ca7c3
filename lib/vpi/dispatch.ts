/**
 * The dispatcher: between the native loop of the VPs and the managers of this processor.
 *
 * Each VP has a manager of its own here, made when the VP first comes. The native loop enters with news, or with the
 * result of what it was asked for; the manager runs until it yields something that only the native loop can do.
 */

import { native } from '../native.ts';
import { KernelOp, type AnyOp, type OpGenerator } from './op.ts';
import { Entry, gone, inboxLengthOffset, mailboxHandle, mailboxLength, Opcode, slotOf } from './protocol.ts';
import { DETACHED, Notification, type Upcall, type VpHandle } from './upcall.ts';

/**
 * A VP's manager: a generator of ops, one for each VP and processor (paper, section 5). When it returns, its VP ends. When
 * its VP ends by another way, it is closed: its `finally` blocks run. `isFirst`: no other has run on this processor before,
 * in this instance; `getData()` is what `init()` was given.
 */
export type Manager = (vp: VpHandle, isFirst: boolean) => OpGenerator;

/** A VP, as this processor knows it. */
interface Vp {
  readonly handle: VpHandle;
  readonly isSystem: boolean;
  /** Before the VP came for the first time: undefined. */
  manager: OpGenerator | undefined;
  /** What the manager waits for. */
  op: KernelOp<unknown> | undefined;
  /** A call that was refused before, and that the VP makes while its manager has nothing to do. */
  belated: Call | undefined;
  data: unknown;
}

/** A call, and what `getData()` was of the VP that asked for it. */
interface Call {
  op: KernelOp<unknown>;
  data: unknown;
}

export interface ProcessorSetup {
  index: number;
  count: number;
  manager: Manager;
  /** First data of the first VP that comes. */
  data: unknown;
  onResume: ((upcall: Upcall) => void) | undefined;
  /** Called with what a manager threw; the instance ends. */
  onFailure: (error: unknown) => void;
}

/** Indices of the kernel's page: `struct vpi_kcb_page` as 32-bit words. */
const [queuedInKernel, registeredInKernel] = [4, 5];

/** Between two looks at calls that were refused, in nanoseconds. */
const retryInterval = 10e6;

/** News for which there is no upcall: the next `kernelRegister()` returns all the same. */
type News = 'none' | 'work' | 'timeout';

/** One processor's side of the instance; there is one per isolate. */
export class Processor {
  readonly index: number;
  readonly count: number;
  readonly mailbox: Float64Array;
  readonly #inboxLength: Int32Array;
  readonly #setup: ProcessorSetup;
  readonly #vps: (Vp | undefined)[] = [];
  readonly #managers = new Map<VpHandle, Manager>();
  /** System VPs that have not come yet. */
  readonly #systemVps = new Set<VpHandle>();
  #upcalls: Upcall[] = [];
  /** Calls that were refused because VPs are short, oldest first. */
  #refused: Call[] = [];
  /** The kernel's; before the first VP comes, one where nothing is queued. */
  #page: Uint32Array = new Uint32Array(8);
  #news: News = 'none';
  #current: Vp | undefined;
  #hasNoVps = true;
  #hasNoManagers = true;
  /** Locks that this processor holds: reaching an op with one is an error. */
  locks = 0;

  constructor(setup: ProcessorSetup) {
    this.#setup = setup;
    this.index = setup.index;
    this.count = setup.count;
    const memory = native.mailbox(setup.index);
    this.mailbox = new Float64Array(memory, 0, mailboxLength);
    this.#inboxLength = new Int32Array(memory, inboxLengthOffset, 1);
  }

  /** The VP that runs this now. */
  get current(): Vp {
    if (!this.#current) throw new TypeError('this can be called by a VP only: by a manager, or by what it runs');
    return this.#current;
  }

  /** Upcalls that wait, here or in the kernel: a look at memory, no call. */
  get queued(): number {
    return this.#upcalls.length + this.#inboxLength[0]! + this.#page[queuedInKernel]!;
  }

  /** The first run on this processor of the VP that was just created is this manager's. */
  useManager(vp: VpHandle, manager: Manager, isSystem: boolean): void {
    this.#managers.set(vp, manager);
    if (isSystem) this.#systemVps.add(vp);
  }

  /** Upcalls are not for the VP that runs this now, but for those who will. */
  get isSystemVp(): boolean {
    return this.current.isSystem;
  }

  /** The native loop's way in. */
  readonly dispatch = (slot: number, entry: number): void => {
    try {
      const begins = this.#hasNoVps;
      const vp = this.#arrive(slot);
      this.#news = 'none';
      if (entry === Entry.result) this.#receive(vp, this.mailbox[0]!);
      else if (entry === Entry.refused) this.#postpone(vp);
      else {
        if (!begins && !vp.isSystem) this.#news = entry === Entry.timeout ? 'timeout' : 'work';
        this.drain();
      }
      this.#drive(vp, entry !== Entry.refused);
    } catch (error) {
      this.#setup.onFailure(error);
      this.mailbox[0] = Opcode.finish;
      this.mailbox[1] = 1;
    }
  };

  #receive(vp: Vp, result: number): void {
    if (!vp.belated) return vp.op!.receive(result);
    const { op, data } = vp.belated;
    vp.belated = undefined;
    op.receive(result);
    this.#upcalls.push(detached(vp, op, data));
  }

  /** There was no VP to spare for a call. It is made later; the VP goes on with something else. */
  #postpone(vp: Vp): void {
    if (vp.belated) {
      this.#refused.unshift(vp.belated);
      vp.belated = undefined;
    } else {
      this.#refused.push({ op: vp.op!, data: vp.data });
      dismiss(vp);
    }
  }

  #arrive(slot: number): Vp {
    const handle = this.mailbox[mailboxHandle] as VpHandle;
    let vp = this.#vps[slot];
    if (vp?.handle !== handle) {
      vp = { handle, isSystem: this.#systemVps.delete(handle), manager: undefined, op: undefined, belated: undefined, data: this.#hasNoVps ? this.#setup.data : undefined };
      if (this.#hasNoVps) this.#page = native.page() ?? this.#page;
      this.#hasNoVps = false;
      this.#current = vp;
      // The last that whoever had the slot before has told: a result, or that it is gone.
      this.drain();
      this.#vps[slot] = vp;
    }
    this.#current = vp;
    return vp;
  }

  /** Runs the manager until the native loop has something to do. */
  #drive(vp: Vp, mayMakeRefusedCalls: boolean): void {
    if (!vp.manager) {
      const manager = this.#managers.get(vp.handle) ?? this.#setup.manager;
      this.#managers.delete(vp.handle);
      vp.manager = manager(vp.handle, this.#hasNoManagers);
      this.#hasNoManagers = false;
    }
    for (;;) {
      // What it waits for may be there without the native loop: then it goes on at once.
      while (vp.op && !vp.op.isSettled) {
        if (!vp.op.request(this.mailbox)) continue;
        if (this.#refused.length > 0 && this.mailbox[0] === Opcode.register) {
          if (this.#tryRefusedCalls()) continue;
          this.#makeRefusedCall(vp, mayMakeRefusedCalls);
        }
        return;
      }
      vp.op = undefined;
      const step = vp.manager.next();
      if (step.done) {
        vp.manager = undefined;
        this.mailbox[0] = Opcode.exit;
        return;
      }
      vp.op = this.#checked(step.value);
    }
  }

  /** Those that need not block any more are done without a VP. True: there were some. */
  #tryRefusedCalls(): boolean {
    const done = this.#refused.filter(({ op }) => op.tryAgain());
    if (done.length === 0) return false;
    this.#refused = this.#refused.filter((call) => !done.includes(call));
    for (const { op, data } of done) this.#upcalls.push(detached(this.current, op, data));
    return true;
  }

  /** A VP that would sleep makes the oldest refused call. If there still is none to spare, it looks again soon. */
  #makeRefusedCall(vp: Vp, mayBeMade: boolean): void {
    if (!mayBeMade) {
      this.mailbox[1] = Math.min(this.mailbox[1]!, native.now() + retryInterval);
      return;
    }
    const call = this.#refused.shift()!;
    vp.belated = call;
    vp.data = call.data;
    call.op.request(this.mailbox);
  }

  #checked(op: AnyOp): KernelOp<unknown> {
    if (!(op instanceof KernelOp)) {
      throw new TypeError(`a manager yielded ${describe(op)}: it can yield what the kernel does, and nothing else`);
    }
    if (this.locks > 0) throw new TypeError(`${op.name}: a Lock is held; release it before anything that may wait`);
    return op;
  }

  /**
   * Nobody waits for `op` any more. The call that does it is interrupted; it comes back as if it were done. One that was
   * refused is taken for done at once.
   */
  abandon(op: AnyOp): void {
    const vp = this.#vps.find((vp) => vp && (vp.belated?.op === op || vp.op === op));
    if (vp) return void native.interrupt(vp.handle);
    const index = this.#refused.findIndex((call) => call.op === op);
    if (index < 0) return;
    const [call] = this.#refused.splice(index, 1);
    this.#upcalls.push(detached(this.current, call!.op, call!.data));
  }

  /** Takes the upcalls that wait for this processor out of the native layer. */
  drain(): void {
    let waiting;
    do {
      waiting = native.takeUpcall();
      if (waiting > 0) this.#take();
    } while (waiting > 1);
  }

  /** What stands in the mailbox. By its indices: to take an array apart means to iterate over it. */
  #take(): void {
    const { mailbox } = this;
    const [type, handle] = [mailbox[0]!, mailbox[1] as VpHandle];
    const vp = this.#vps[slotOf(handle)];
    const known = vp?.handle === handle ? vp : undefined;
    if (type === DETACHED) this.#detach(known!, mailbox[4]!);
    else if (type === gone) this.#forget(known!);
    else this.#upcalls.push({ type, vp: handle, data: known?.data, registered: mailbox[3]!, arg: mailbox[2]! });
  }

  /** A VP is back from its call, and its processor is taken: whoever waits for the call goes on without it. */
  #detach(vp: Vp, result: number): void {
    if (vp.belated) return this.#receive(vp, result);
    const op = vp.op!;
    dismiss(vp);
    op.receive(result);
    this.#upcalls.push(detached(vp, op, vp.data));
  }

  /** It has ended. The next VP in its slot is to find nothing of it. */
  #forget(vp: Vp): void {
    this.#vps[slotOf(vp.handle)] = undefined;
    dismiss(vp);
  }

  /** Fetches all that waits, without sleeping. */
  poll(): void {
    // Each at most once: a wake for another processor is queued anew while no VP is there for it.
    for (let left = this.#page[queuedInKernel]!; left > 0 && native.poll(); left--);
    if (this.#inboxLength[0]! > 0) this.drain();
  }

  /** The oldest upcall; if there is none but there was news, what stands for that. `none`: wait. */
  takeUpcall(): Upcall | 'none' | 'timeout' {
    const upcall = this.#upcalls.shift();
    const news = this.#news;
    if (upcall) {
      if (news === 'work') this.#news = 'none';
      if (upcall.type === Notification.RESUMED) this.#setup.onResume?.(upcall);
      return upcall;
    }
    this.#news = 'none';
    if (news !== 'work') return news;
    const { handle, data } = this.current;
    return { type: Notification.RESUMED, vp: handle, data, registered: this.#page[registeredInKernel]!, arg: 0 };
  }
}

/** Its manager is in the middle of something that goes on without it: it is closed. If the VP comes again, it gets a new one. */
function dismiss(vp: Vp): void {
  const { manager } = vp;
  vp.op = undefined;
  vp.manager = undefined;
  manager?.return();
}

function detached(vp: Vp, op: KernelOp<unknown>, data: unknown): Upcall {
  return { type: DETACHED, vp: vp.handle, data, registered: 0, arg: 0, op };
}

function describe(value: unknown): string {
  if (value instanceof Object && 'name' in value) return String(value.name);
  return typeof value === 'object' ? 'an object that is no op' : String(value);
}

let processor: Processor | undefined;

/** This isolate becomes a processor, or (undefined) is none any more. */
export function setProcessor(value: Processor | undefined): void {
  processor = value;
}

/** The processor that this isolate is. */
export function thisProcessor(): Processor {
  if (!processor) throw new TypeError('no VPI instance is active in this thread: call init() or run() first');
  return processor;
}
