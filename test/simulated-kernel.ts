/**
 * A kernel, and the native loop above it, played by chance: what happens next, of all that can, is drawn by a seed. So a
 * thread system meets schedules and notifications that no machine would show it in years, and the same seed shows them again.
 *
 * It follows docs/processors.md: tokens, the pool, upcalls by the inbox or left in the kernel until somebody polls, held
 * VPs, detached ones, VPs that the kernel releases. Memory is seen by all at once: races of real parallelism are not here.
 */

import type { Native } from '../lib/native.ts';
import { Entry, inboxLengthOffset, mailboxHandle, Opcode } from '../lib/vpi/protocol.ts';

const [BLOCKED, UNBLOCKED] = [1, 2];
const DETACHED = 0x100;
const [EINTR, ESTALE] = [-4, -116];

interface Vp {
  handle: number;
  state: 'registered' | 'running' | 'calling' | 'blocked' | 'held';
  processor: SimulatedProcessor | undefined;
  /** What it brings when it next runs. */
  entry: number;
  result: number;
  /** Its call is over at that time; Infinity: some time. */
  until: number;
}

class SimulatedProcessor {
  readonly memory = new ArrayBuffer(256);
  readonly mailbox = new Float64Array(this.memory, 0, 16);
  readonly inboxLength = new Int32Array(this.memory, inboxLengthOffset, 1);
  readonly inbox: number[][] = [];
  /** Notifications that are left in the kernel. */
  readonly queue: number[][] = [];
  /** Notifications of others, which they fetch before this one can: the kernel's queue is one for all. */
  ofOthers = 0;
  owner: Vp | undefined;
  deadline = Infinity;
  wanted = false;
  readonly index: number;
  dispatch: (slot: number, entry: number) => void = () => {};

  constructor(index: number) {
    this.index = index;
  }

  push(upcall: number[]): void {
    this.inbox.push(upcall);
    this.inboxLength[0] = this.inbox.length;
  }

  leave(upcall: number[]): void {
    this.queue.push(upcall);
  }

  /** What is read in the kernel's page; a look later it may be another number. */
  look(chance: (below: number) => number): number {
    const seen = this.queue.length + this.ofOthers;
    if (this.ofOthers > 0 && chance(2) === 0) this.ofOthers = 0;
    return seen;
  }

  poll(): boolean {
    this.ofOthers = 0;
    const upcall = this.queue.shift();
    if (upcall) this.push(upcall);
    return upcall !== undefined;
  }

  take(): number {
    const waiting = this.inbox.length;
    const upcall = this.inbox.shift();
    this.inboxLength[0] = this.inbox.length;
    if (upcall) this.mailbox.set(upcall);
    return waiting;
  }

  get hasWork(): boolean {
    return this.wanted || this.inbox.length > 0 || this.queue.length > 0;
  }
}

export class SimulatedKernel {
  readonly processors: SimulatedProcessor[];
  /** What a processor reported as its failure. */
  failure: string | undefined;
  finished = false;
  /** Things that have happened. */
  steps = 0;
  readonly #chance: (below: number) => number;
  readonly #holds: boolean;
  readonly #vps: Vp[] = [];
  #clock = 1e6;

  /** @param holds whether UNBLOCKED is wanted */
  constructor(chance: (below: number) => number, processors: number, holds: boolean) {
    this.#chance = chance;
    this.#holds = holds;
    this.processors = Array.from({ length: processors }, (_, index) => new SimulatedProcessor(index));
  }

  /** What the addon is to one processor. */
  native(index: number): Partial<Native> {
    const processor = this.processors[index]!;
    const look = () => processor.look(this.#chance);
    // Words 4 and 5 of the kernel's page: what is queued, and how many are registered.
    const page = Object.defineProperty({ 5: 1 }, 4, { get: look });
    return {
      mailbox: () => processor.memory,
      page: () => page as unknown as Uint32Array,
      now: () => this.#clock,
      // Who waits for another processor leaves, so that the other one is driven.
      cpuCount: () => 1,
      takeUpcall: () => processor.take(),
      poll: () => processor.poll(),
      pin: () => 0,
      wake: (other) => void (this.processors[other]!.wanted = true),
      interrupt: (handle) => this.#interrupt(handle),
      fail: (error) => {
        this.failure = error;
        return true;
      },
      self: () => processor.owner!.handle,
      yieldCpu: () => {
        throw new Error('a lock is held by a processor that does not run');
      },
    };
  }

  /** Plays until somebody calls finish(). Throws where nothing can happen any more: a wake-up was lost. */
  run(): void {
    for (const processor of this.processors) processor.wanted = true;
    while (!this.finished && this.failure === undefined) {
      const events = this.#events();
      if (events.length > 0) {
        events[this.#chance(events.length)]!();
        this.steps++;
      } else if (!this.#passTime()) throw new Error(`nothing can happen any more after ${this.steps} steps`);
      if (this.steps > 1e6) throw new Error('it does not come to an end');
    }
  }

  /* ---- What can happen --------------------------------------------------------------------------- */

  #events(): (() => void)[] {
    const events: (() => void)[] = [];
    for (const processor of this.processors) {
      const { owner } = processor;
      if (owner?.state === 'running') events.push(() => this.#enter(processor, owner));
      else if (owner) events.push(...this.#callEvents(processor, owner));
      else if (processor.hasWork) events.push(() => this.#claim(processor, Entry.news));
      else if (processor.deadline <= this.#clock) events.push(() => this.#claim(processor, Entry.timeout));
    }
    for (const vp of this.#vps) {
      if (vp.state === 'blocked' && (vp.until <= this.#clock || this.#chance(4) === 0)) events.push(() => this.#callIsOver(vp));
      // The kernel may release a VP that nobody has resumed.
      if (vp.state === 'held' && this.#chance(50) === 0) events.push(() => this.#comeBack(vp));
    }
    return events;
  }

  /** Its call may be over at once, or block; then somebody else runs the processor. */
  #callEvents(processor: SimulatedProcessor, vp: Vp): (() => void)[] {
    return [
      () => this.#return(processor, vp),
      () => {
        vp.state = 'blocked';
        this.#give(processor, this.#registered(), Entry.news);
        processor.push([BLOCKED, vp.handle, 0, 0, 0]);
      },
    ];
  }

  #return(processor: SimulatedProcessor, vp: Vp): void {
    vp.entry = Entry.result;
    this.#give(processor, vp, Entry.result);
  }

  #callIsOver(vp: Vp): void {
    if (!this.#holds) return this.#comeBack(vp);
    vp.state = 'held';
    const processor = vp.processor!;
    if (!processor.owner) return this.#return(processor, vp);
    const upcall = [UNBLOCKED, vp.handle, 0, 0, 0];
    if (this.#chance(2) === 0) processor.push(upcall);
    else processor.leave(upcall);
  }

  /** It is held by nobody. */
  #comeBack(vp: Vp): void {
    const processor = vp.processor!;
    if (!processor.owner) return this.#return(processor, vp);
    vp.state = 'registered';
    processor.push([DETACHED, vp.handle, 0, 0, vp.result]);
  }

  #claim(processor: SimulatedProcessor, entry: number): void {
    this.#give(processor, this.#registered(), entry);
  }

  #give(processor: SimulatedProcessor, vp: Vp, entry: number): void {
    if (entry !== Entry.result) vp.result = 0;
    vp.state = 'running';
    vp.entry = entry;
    vp.processor = processor;
    processor.owner = vp;
    processor.wanted = false;
    processor.deadline = Infinity;
  }

  /** Any of those that wait, or a new one. */
  #registered(): Vp {
    const waiting = this.#vps.filter(({ state }) => state === 'registered');
    if (waiting.length > 0 && this.#chance(8) > 0) return waiting[this.#chance(waiting.length)]!;
    const vp: Vp = { handle: this.#vps.length + 1, state: 'registered', processor: undefined, entry: Entry.news, result: 0, until: 0 };
    this.#vps.push(vp);
    return vp;
  }

  /** To the next time that something waits for. */
  #passTime(): boolean {
    const deadlines = this.processors.map(({ deadline }) => deadline);
    const calls = this.#vps.filter(({ state }) => state === 'blocked').map(({ until }) => until);
    const next = Math.min(...deadlines, ...calls);
    if (next === Infinity || next > 9e18) return false;
    this.#clock = Math.max(this.#clock, next);
    return true;
  }

  /* ---- What a VP asks for -------------------------------------------------------------------------- */

  #enter(processor: SimulatedProcessor, vp: Vp): void {
    processor.ofOthers = this.#chance(10) === 0 ? 1 : 0;
    // Some time passes, or none.
    this.#clock += this.#chance(3) * 20_000;
    const { mailbox } = processor;
    mailbox[0] = vp.result;
    mailbox[mailboxHandle] = vp.handle;
    processor.dispatch(vp.handle, vp.entry);
    switch (mailbox[0]) {
      case Opcode.register:
        return this.#goIdle(processor, vp, mailbox[1]!);
      case Opcode.resumeRegister:
        return this.#resumeAndRegister(processor, vp, mailbox[1]!, mailbox[2]!);
      case Opcode.syscall:
        vp.state = 'calling';
        vp.result = 0;
        vp.until = this.#clock + this.#chance(4) * 30_000;
        return;
      case Opcode.finish:
        this.finished = true;
        return;
      default:
        throw new Error(`a VP asks for ${mailbox[0]}`);
    }
  }

  #goIdle(processor: SimulatedProcessor, vp: Vp, deadline: number): void {
    vp.state = 'registered';
    processor.owner = undefined;
    processor.deadline = deadline > 9e18 ? Infinity : deadline;
  }

  #resumeAndRegister(processor: SimulatedProcessor, vp: Vp, deadline: number, handle: number): void {
    const held = this.#vps[handle - 1]!;
    if (held.state !== 'held') {
      vp.result = ESTALE;
      vp.entry = Entry.result;
      return;
    }
    this.#goIdle(processor, vp, deadline);
    this.#return(processor, held);
  }

  #interrupt(handle: number): number {
    const vp = this.#vps[handle - 1]!;
    if (vp.state !== 'blocked' && vp.state !== 'calling') return 0;
    // A result that is there already counts.
    if (this.#chance(2) === 0) vp.result = EINTR;
    vp.until = 0;
    return 0;
  }
}
