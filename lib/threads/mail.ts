/**
 * Mail between processors: messages that are structured-cloned. Each two of them have a channel; who has sent something
 * posts that, and the other one takes it out at its next look, without an event loop.
 */

import { inspect } from 'node:util';
import { MessageChannel, receiveMessageOnPort, type MessagePort, type Transferable } from 'node:worker_threads';
import type { Entry } from '../vpi/index.ts';
import { index, post } from './instance.ts';
import { Post } from './shared-memory.ts';
import type { ThreadFunction } from './thread.ts';

/** What comes out of a thread, as far as it can be cloned. */
export interface Outcome {
  failed: boolean;
  /** Returned, or thrown; of a thread that was cancelled and has ended with that: the reason. */
  value: unknown;
  wasCancelled?: boolean;
}

export type Message =
  /** Run a thread, and send its outcome. */
  | { type: 'start'; id: number; entry: Entry<ThreadFunction>; args: unknown[] }
  /** To who has started it. */
  | { type: 'ended'; id: number; outcome: Outcome }
  | { type: 'cancel'; id: number; reason: unknown }
  | { type: 'detach'; id: number }
  /** To processor 0, at the end: errors of threads that were never joined. */
  | { type: 'failures'; errors: unknown[] };

/** Of this processor, by the other one's index. */
let ports: readonly (MessagePort | undefined)[] = [];

/** Channels between all processors: `[i][j]` is the end at `i` of the one to `j`. */
export function makeChannels(count: number): (MessagePort | undefined)[][] {
  const ends: (MessagePort | undefined)[][] = Array.from({ length: count }, () => Array.from({ length: count }));
  for (let i = 0; i < count; i++) {
    for (let j = i + 1; j < count; j++) {
      const { port1, port2 } = new MessageChannel();
      ends[i]![j] = port1;
      ends[j]![i] = port2;
    }
  }
  return ends;
}

export function transferable(ends: readonly (MessagePort | undefined)[]): Transferable[] {
  return ends.filter((port) => port !== undefined);
}

export function usePorts(ends: readonly (MessagePort | undefined)[]): void {
  ports = ends;
}

/** The other ends are closed with that. */
export function closePorts(ends: readonly (MessagePort | undefined)[]): void {
  for (const port of ends) port?.close();
}

/** @throws {DOMException} `DataCloneError`: something in it cannot be cloned; nothing is sent */
export function send(processor: number, message: Message): void {
  ports[processor]!.postMessage(message);
  post(processor, Post.mail);
}

/** What has come, in order for each sender. */
export function* receive(): Generator<[from: number, message: Message]> {
  for (const [from, port] of ports.entries()) {
    if (from === index || !port) continue;
    for (let received; (received = receiveMessageOnPort(port) as { message: Message } | undefined); ) yield [from, received.message];
  }
}

/** An outcome that can be sent: one that cannot becomes an error that says so. */
export function sendOutcome(processor: number, id: number, outcome: Outcome): void {
  try {
    send(processor, { type: 'ended', id, outcome });
  } catch (error) {
    send(processor, { type: 'ended', id, outcome: { failed: true, value: new TypeError(`what came out of thread ${id} cannot be sent: ${String(error)}`) } });
  }
}

/** To `run()`. Those that cannot be cloned are sent as they would be printed. */
export function sendFailures(errors: readonly unknown[]): void {
  try {
    send(0, { type: 'failures', errors: [...errors] });
  } catch {
    send(0, { type: 'failures', errors: errors.map((error) => new Error(inspect(error))) });
  }
}
