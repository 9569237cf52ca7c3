/** The coroutines of examples/coroutines, with parts of their system changed: to look on, or to break a rule. */

import { init, Notification, type InitOptions, type OpGenerator } from 'node-vpi';
import { defineThreadSystem } from 'node-vpi/templates';
import { nanosleep, pipe, read } from 'node-vpi/sys';
import { pass, ready, spawn, system, type Coroutine } from '../../examples/coroutines/coroutines.ts';

export type Changes = Partial<typeof system>;

const { BLOCKED, UNBLOCKED } = Notification;

/** What threads do is the same in both; the kernel holds VPs in the second only. */
export const masks = { 'BLOCKED only': BLOCKED, 'BLOCKED and UNBLOCKED': BLOCKED | UNBLOCKED };

export function runChanged(changes: Changes, main: () => OpGenerator, options: Partial<InitOptions> = {}): void {
  init({ ...options, manager: defineThreadSystem({ ...system, ...changes }), data: main });
}

class Stuck extends Error {}

/** Runs it until nothing has happened for a second; whether it came to that. */
export function getsStuck(changes: Changes, main: () => OpGenerator, options: Partial<InitOptions> = {}): boolean {
  const { manager, onNotification } = { ...system, ...changes };
  let idles = 0;
  const watched: Changes = {
    manager() {
      if (ready.length > 0) idles = 0;
      return manager();
    },
    onNotification(...told) {
      idles = 0;
      onNotification(...told);
    },
    idle() {
      if (ready.length > 0) return 0;
      if (idles++ === 5) throw new Stuck();
      return 200;
    },
  };
  try {
    runChanged({ ...changes, ...watched }, main, options);
  } catch (error) {
    if (!(error instanceof Stuck)) throw error;
    return true;
  }
  return false;
}

export function* readByte(fd: number): OpGenerator<number> {
  return yield* read(fd, new Uint8Array(1));
}

export function* sleep(milliseconds: number): OpGenerator {
  yield* nanosleep(milliseconds * 1e6);
}

/** A coroutine that is in the kernel until something is written to `output`. */
export function* blockedReader(): OpGenerator<[reader: Coroutine<number>, output: number]> {
  const [input, output] = yield* pipe();
  const reader = spawn(() => readByte(input));
  yield* pass();
  return [reader, output];
}
