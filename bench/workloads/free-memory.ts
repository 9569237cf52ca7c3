/** Memory, as figure 14 counts it; `bench/peers/memory.h` does the same. */

import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes that nobody in the machine uses, without garbage of this isolate: what is missing later is stacks, objects and the kernel's part. */
export function freeMemory(): number {
  collect();
  const [, kibibytes] = /^MemFree: +(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'latin1')) ?? [];
  return Number(kibibytes) * 1024;
}
