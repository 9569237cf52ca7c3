/**
 * Ops: what a thread or a manager `yield*`s because it may have to wait.
 *
 * An op is its own iterator. Its first `next()` tries to be done at once; if that cannot be, it yields itself to whoever
 * runs the generator, who has it done and resumes the generator when it is settled. The result, or the error, then comes
 * out of the `yield*` in the generator that wanted it, however many others were run meanwhile, on whatever VP.
 */

/** `fresh`: not begun. `waiting`: somebody has it done. `settled`: the result is there. `used`: it was handed out. */
type State = 'fresh' | 'waiting' | 'settled' | 'used';

/** What generators yield, whatever comes of it. */
export type AnyOp = Op<unknown>;

/** What a thread or a manager is: a generator that yields ops. */
export type OpGenerator<T = void> = Generator<AnyOp, T, unknown>;

/**
 * An op that was made and is not begun; the oldest, if there are more. See `forgottenOp()`. In an object, since V8 writes
 * its fields faster than a module's variables.
 */
const unbegun: { op: AnyOp | undefined } = { op: undefined };

/**
 * The op that the thread which has run until now has made and not begun: its `yield*` was forgotten. For thread systems,
 * where a thread has come to a scheduling point or its end; and before they run one, since others make ops too. What is
 * told of once is forgotten.
 */
export function forgottenOp(): AnyOp | undefined {
  const { op } = unbegun;
  if (op !== undefined) unbegun.op = undefined;
  return op;
}

/** `op` was made for a program, which has to begin it before it does anything else that may wait. For ops that are used again. */
export function opMade(op: AnyOp): void {
  unbegun.op ??= op;
}

/** The `yield*` of `op` is there. */
export function opBegun(op: AnyOp): void {
  if (unbegun.op === op) unbegun.op = undefined;
}

let beforeOp: (() => void) | undefined;

/** `hook` is called before any op begins, and may throw in its place: so a thread system cancels a thread that does not wait. */
export function setBeforeOp(hook: (() => void) | undefined): void {
  beforeOp = hook;
}

export abstract class Op<T> implements Iterator<AnyOp, T, unknown>, Iterable<AnyOp, T, unknown> {
  /** For messages: what a program has called to get this op. */
  abstract readonly name: string;

  // No #names, and no initializers: an op is made for each call, and those would make it half as dear again.
  declare private state: State;
  /** The result, or the error. */
  declare private outcome: unknown;
  declare private failed: boolean;

  constructor() {
    this.state = 'fresh';
    this.outcome = undefined;
    this.failed = false;
    opMade(this);
  }

  /** Does it at once if it need not wait; then it has called `resolve` or `reject`. */
  protected attempt(): void {}

  /** It is done. A result that comes after `reject()`, and before anybody has seen that, counts: it would be lost. */
  resolve(value: T): void {
    this.failed = false;
    this.outcome = value;
    this.state = 'settled';
  }

  /** It failed: `error` comes out of the `yield*`. */
  reject(error: unknown): void {
    this.failed = true;
    this.outcome = error;
    this.state = 'settled';
  }

  /** Another attempt while it waits; whether it is settled now. */
  tryAgain(): boolean {
    if (this.state === 'waiting') this.attempt();
    return this.isSettled;
  }

  get isSettled(): boolean {
    return this.state === 'settled';
  }

  /** `error` is about to come out of it. */
  isRejectedWith(error: unknown): boolean {
    return this.state === 'settled' && this.failed && this.outcome === error;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<AnyOp, T> {
    if (this.state === 'fresh') {
      opBegun(this);
      beforeOp?.();
      this.state = 'waiting';
      this.attempt();
    }
    // Resumed although it is not done: it still waits.
    if (this.state === 'waiting') return { done: false, value: this };
    if (this.state === 'used') throw new TypeError(`${this.name}: an op is good for one yield*; make another`);
    this.state = 'used';
    if (this.failed) throw this.outcome;
    return { done: true, value: this.outcome as T };
  }

  /** The generator that waits is told to stop waiting. */
  throw(error: unknown): IteratorResult<AnyOp, T> {
    this.state = 'used';
    throw error;
  }

  return(value: T): IteratorResult<AnyOp, T> {
    this.state = 'used';
    return { done: true, value };
  }
}

/** An op that the VP's native loop does: the dispatcher takes these, and no others. */
export abstract class KernelOp<T> extends Op<T> {
  /** Writes what is to be done into the mailbox (see `request.h`). False: nothing is to be done; it is settled. */
  abstract request(mailbox: Float64Array): boolean;

  /** The result has come. What is not settled by it is requested once more. */
  abstract receive(result: number): void;

  /** It may be given up before it is done. False: it is done to its end, whoever still wants it. */
  get canBeAbandoned(): boolean {
    return true;
  }
}
