/** What each thread waits for, where none can go on: written down by every processor, read by `run()`. */

import type { WaitingThread } from './errors.ts';
import { count, index, memory } from './instance.ts';
import { Own } from './shared-memory.ts';
import { scheduler } from './scheduler.ts';

/** Threads that one processor lists: its part of shared memory is not large. */
const most = 100;

export function reportDeadlock(): void {
  const threads: WaitingThread[] = [];
  for (const thread of scheduler.allThreads()) {
    if (threads.length === most) break;
    threads.push({ id: thread.id, name: thread.name.slice(0, 80), processor: index, waitsFor: thread.waitsFor!.describe(thread).slice(0, 160) });
  }
  const text = Buffer.from(JSON.stringify(threads.reverse()));
  memory.report(index).set(text);
  memory.words[memory.processor(index) + Own.reportLength] = text.length;
}

/** What all processors have written. */
export function deadlockReports(): WaitingThread[] {
  return Array.from({ length: count }, (_, processor) => {
    const length = memory.words[memory.processor(processor) + Own.reportLength]!;
    return length === 0 ? [] : (JSON.parse(Buffer.from(memory.report(processor).slice(0, length)).toString()) as WaitingThread[]);
  }).flat();
}
