/** What a thread can wait for without the kernel. */

import type { Thread } from './thread.ts';

export interface Waitable {
  /** What a thread calls to wait for it. */
  readonly op: string;
  /** In words, for a `DeadlockError`: "Mutex", held by thread 7. */
  describe(thread: Thread): string;
  /**
   * `thread` waits no longer: its time is over (`error` undefined), or it was cancelled. Makes it ready with that, if it can.
   * False: it has been woken already, or it has to wait on.
   */
  giveUp(thread: Thread, error: Error | undefined): boolean;
}
