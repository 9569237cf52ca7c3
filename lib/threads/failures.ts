/** Errors of threads that nobody joins: reported at once, and thrown at the end if they never are joined. */

import { inspect } from 'node:util';
import type { Thread } from './thread.ts';

let failed: Thread[] = [];
/** From other processors. */
let received: unknown[] = [];

export function resetFailures(): void {
  failed = [];
  received = [];
}

/** `error` has come out of `thread`. */
export function reportFailure(thread: Thread, error: unknown): void {
  // Somebody has wanted that, or will have it.
  if (error === thread.cancelledWith || thread.isJoined) return;
  failed.push(thread);
  if (thread.joiners === undefined) process.stderr.write(`${thread.describe()} failed: ${inspect(error)}\n`);
}

/** Of threads that were never joined. */
export function unjoinedErrors(): unknown[] {
  return [...failed.filter((thread) => !thread.isJoined).map((thread) => thread.answer), ...received];
}

/** Errors of another processor's threads that were never joined. */
export function addFailures(errors: readonly unknown[]): void {
  received.push(...errors);
}
