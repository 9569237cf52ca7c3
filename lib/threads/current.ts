/** What a thread can ask about itself and its processor. */

import { scheduler } from './scheduler.ts';
import type { Thread } from './thread.ts';
import { upcallCounts, type UpcallName } from './upcalls.ts';

/** The running thread. */
export function current(): Thread {
  return scheduler.runningThread();
}

export interface Stats {
  /** Threads of this processor that have not ended. */
  threads: number;
  /** Times that a thread was given this processor. */
  switches: number;
  /** Upcalls of this processor. */
  upcalls: Readonly<Record<UpcallName, number>>;
}

/** This processor's, since `run()` began. */
export function stats(): Stats {
  return { threads: scheduler.threadCount, switches: scheduler.switches, upcalls: upcallCounts() };
}
