/**
 * Template 1, VP initialization: what happens when a VP comes to a processor for the first time.
 *
 * VPI runs one manager per VP and processor, and brings VPs when it likes: one at first, more as threads block. So what
 * threads share on a processor (ready queue, timers) must be made once, by whichever manager is the first there, and
 * before it does anything that may wait. The others find it made.
 *
 * **The thread system fills in** `init(data)`: it empties its queues and makes the first thread. `data` is what `init()` of
 * `node-vpi` was given; on another processor than the first, a structured clone of it.
 *
 * **Rules**
 * - `init` must leave nothing over from an instance before: a thread of that would wait for a VP that does not exist.
 * - It may create threads and must not run them: nobody hears of a block before the manager runs.
 */

import { getData, setData } from '../vpi/index.ts';

/** `init` of a thread system. */
export type Initialize<Data> = (data: Data) => void;

/** Called at the beginning of each VP's manager. */
export function initializeVp<Data>(init: Initialize<Data>, isFirst: boolean): void {
  if (isFirst) init(getData<Data>() as Data);
  // What a VP keeps is the thread whose call it makes: none yet.
  setData(undefined);
}
