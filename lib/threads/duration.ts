/** Times that programs give. */

import { now } from '../vpi/index.ts';

/** When `ms` milliseconds are over, on the clock of `now()`. */
export function deadlineAfter(ms: number): number {
  if (typeof ms !== 'number' || !(ms >= 0)) throw new RangeError(`ms must be 0 or more milliseconds, not ${String(ms)}`);
  return now() + ms;
}
