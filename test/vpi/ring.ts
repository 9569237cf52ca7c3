/** ring.js PROCESSORS THREADS BYTES ROUNDS MASK: see ring-manager.ts. */

import { entry, init } from '../../lib/vpi/index.ts';
import { native } from '../../lib/native.ts';
import type { Ring } from './ring-manager.ts';

const byte = new Uint8Array(1);

function main([processors, threads, bytes, rounds, mask]: number[]): void {
  const fds: number[] = [];
  const pair = new Int32Array(2);
  for (let i = 0; i < threads!; i++) {
    if (native.syscall(293, native.pin(pair), 0) < 0) throw new Error('pipe2');
    fds.push(pair[0]!, pair[1]!);
  }
  for (let i = 0; i < bytes!; i++) native.syscall(1, fds[2 * Math.floor((i * threads!) / bytes!) + 1]!, native.pin(byte), 1);
  const shared = new Int32Array(new SharedArrayBuffer(4 * (1 + threads!)));
  const data: Ring = { fds, threads: threads!, rounds: rounds!, shared };
  const start = performance.now();
  init({ manager: entry(import.meta.resolve('./ring-manager.js'), 'manager'), data, processors: processors!, mask: mask! });
  const hops = shared.subarray(1).reduce((sum, n) => sum + n, 0);
  console.log(`${hops === threads! * rounds! ? 'ok' : 'not ok'} - ${hops} hops in ${(performance.now() - start).toFixed(0)} ms`);
}

main(process.argv.slice(2).map(Number));
