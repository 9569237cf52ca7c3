/** A processor's error on its way to the thread that called `init()`. */

import { native } from '../native.ts';

/** Ends the instance with `error`; the others learn what can be written down of it. False: it ends already. */
export function reportFailure(error: unknown): boolean {
  return native.fail(JSON.stringify(error instanceof Error ? { name: error.name, message: error.message, stack: error.stack } : { message: String(error) }));
}

/** What `reportFailure()` has written, as an error again. */
export function restoreFailure(text: string): Error {
  const written = JSON.parse(text) as { name?: string; message: string; stack?: string } | null;
  if (!written) return new Error('a processor has ended: its Worker was terminated');
  const error = new Error(written.message);
  if (written.name !== undefined) error.name = written.name;
  if (written.stack !== undefined) error.stack = written.stack;
  return error;
}
