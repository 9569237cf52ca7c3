/** What a program that is profiled tells `bench/profile`. */

import { readFileSync, writeSync } from 'node:fs';

/** Ends the line after which nothing is compiled any more, as far as can be helped. */
export const steadyLine = 'steady';

/** What is measured begins now. With VPI_PROFILE set, says so, and before that what lies where in this process. */
export function steady(): void {
  if (process.env['VPI_PROFILE'] !== undefined) writeSync(1, `${readFileSync('/proc/self/maps', 'latin1')}${steadyLine}\n`);
}
