/** `poll()`. */

import { native } from '../native.ts';
import type { KernelOp } from '../vpi/op.ts';
import { checkedBits, checkedDescriptor, shown } from './arguments.ts';
import { scratchAddress, scratchWords } from './scratch.ts';
import { SystemCall, type Call } from './system-call.ts';
import { numbers } from './system-call-numbers.ts';
import { encodeTimespec } from './time.ts';

export interface PollRequest {
  fd: number;
  /** What is waited for: `constants.POLLIN`, `POLLOUT`, … */
  events: number;
}

export interface PollResult {
  fd: number;
  /** What is there: of the events asked for, and of `POLLERR`, `POLLHUP`, `POLLNVAL`. */
  revents: number;
}

/** `struct pollfd`: the descriptor in 32 bits; what is asked for, and above it what is there, in 16 bits each. */
const entryWords = 2;
const entriesInScratch = scratchWords.length / entryWords - 2;
/** `struct timespec` of 0, behind those. */
const zeroTime = entriesInScratch * entryWords;

export function encodePollRequests(requests: readonly PollRequest[], words: Int32Array = new Int32Array(entryWords * requests.length)): Int32Array {
  for (let i = 0; i < requests.length; i++) {
    words[entryWords * i] = requests[i]!.fd;
    words[entryWords * i + 1] = requests[i]!.events;
  }
  return words;
}

export function decodePollResults(words: Int32Array, count: number): PollResult[] {
  const results: PollResult[] = [];
  for (let i = 0; i < count; i++) {
    const revents = words[entryWords * i + 1]! >>> 16;
    if (revents !== 0) results.push({ fd: words[entryWords * i]!, revents });
  }
  return results;
}

class Poll extends SystemCall<PollResult[]> {
  readonly name = 'poll';
  readonly #requests: readonly PollRequest[];
  readonly #timeout: number;
  /** On the clock, from the first attempt on: it stays where it is if the call is made again. */
  #deadline: number | undefined;
  #words: Int32Array = scratchWords;

  constructor(requests: readonly PollRequest[], timeout: number) {
    super();
    this.#requests = requests;
    this.#timeout = timeout;
  }

  /** A look does not wait. */
  protected override attempt(): void {
    this.#deadline ??= native.now() + this.#timeout * 1e6;
    if (this.#requests.length > entriesInScratch) return;
    encodePollRequests(this.#requests, scratchWords);
    scratchWords.fill(0, zeroTime);
    const result = native.syscall(numbers.ppoll, scratchAddress, this.#requests.length, scratchAddress + zeroTime * scratchWords.BYTES_PER_ELEMENT);
    if (result !== 0 || this.#timeout === 0) this.receive(result);
  }

  protected call(): Call {
    this.#words = encodePollRequests(this.#requests);
    const pointer = native.pin(this.#words);
    if (this.#timeout === Infinity) return [numbers.ppoll, pointer, this.#requests.length];
    const rest = encodeTimespec(Math.max(this.#deadline! - native.now(), 0));
    return [numbers.ppoll, pointer, this.#requests.length, native.pin(rest)];
  }

  protected value(result: number): PollResult[] {
    return result === 0 ? [] : decodePollResults(this.#words, this.#requests.length);
  }
}

/**
 * Waits until one of several descriptors can be read, written, …, and gives those that can, in the order of `requests`;
 * none if `timeout` milliseconds (fractions allowed; default: for ever) are over before that. With a timeout of 0 it only
 * looks. For threads and managers.
 *
 * ```ts
 * const [ready] = yield* poll([{ fd, events: constants.POLLIN }], 500);
 * if (!ready) console.log('nothing within half a second');
 * ```
 *
 * @throws {VpiError} `EINVAL`: so many descriptors there cannot be
 */
export function poll(requests: readonly PollRequest[], timeout = Infinity): KernelOp<PollResult[]> {
  if (!Array.isArray(requests)) throw new TypeError(`requests must be an array, not ${shown(requests)}`);
  const checked = requests.map(({ fd, events }: PollRequest, i) => ({
    fd: checkedDescriptor(fd, `requests[${i}].fd`),
    events: checkedBits(`requests[${i}].events`, events, 0xffff),
  }));
  if (typeof timeout !== 'number') throw new TypeError(`timeout must be a number, not ${shown(timeout)}`);
  if (!(timeout >= 0)) throw new RangeError(`timeout must be 0 or more milliseconds, not ${timeout}`);
  return new Poll(checked, timeout);
}
