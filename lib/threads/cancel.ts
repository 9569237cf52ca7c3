/** Cancellation: a thread is told to stop, where it waits. */

import { abandonOp } from '../vpi/index.ts';
import type { CancelledError } from './errors.ts';
import type { Thread } from './thread.ts';

export function cancelThread(thread: Thread, error: CancelledError): void {
  const knows = thread.cancellation === undefined && (thread.error === undefined || thread.error !== thread.cancelledWith);
  if (thread.generator === undefined || !knows) return;
  thread.cancelledWith = error;
  if (thread.waitsFor?.giveUp(thread, error)) return;
  // It hears of it at its next op; if its call is over already, the result comes first.
  thread.cancellation = error;
  if (thread.state === 'blocked') abandonOp(thread.op!, error);
}
