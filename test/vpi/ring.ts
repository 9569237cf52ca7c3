/** Bytes go round rings of threads, on one processor and on several, with and without UNBLOCKED, and where VPs are short. */

import { entry, init, Notification } from 'node-vpi';
import t from '../program.ts';
import { closePipe, fill, makePipe } from './pipes.ts';
import type { Ring } from './ring-manager.ts';

const { BLOCKED, UNBLOCKED } = Notification;
const scale = Number(process.env['VPI_SCALE'] ?? 100) / 100;

const rings = [
  { processors: 1, threads: 8, bytes: 2, rounds: 200, mask: BLOCKED | UNBLOCKED },
  { processors: 1, threads: 8, bytes: 2, rounds: 200, mask: BLOCKED },
  { processors: 2, threads: 8, bytes: 2, rounds: 100, mask: BLOCKED | UNBLOCKED },
  { processors: 2, threads: 50, bytes: 20, rounds: 50, mask: BLOCKED },
  { processors: 4, threads: 50, bytes: 20, rounds: 50, mask: BLOCKED | UNBLOCKED },
  { processors: 2, threads: 20, bytes: 20, rounds: 50, mask: BLOCKED | UNBLOCKED, target: 0 },
  { processors: 2, threads: 50, bytes: 20, rounds: 20, mask: BLOCKED | UNBLOCKED, maxVps: 4 },
  { processors: 2, threads: 50, bytes: 20, rounds: 20, mask: BLOCKED, maxVps: 10 },
];

for (const { threads, bytes, rounds: most, ...options } of rings) {
  const rounds = Math.ceil(most * scale);
  t.test(JSON.stringify({ threads, bytes, rounds, ...options }), (t) => {
    const pipes = Array.from({ length: threads }, makePipe);
    for (let i = 0; i < bytes; i++) fill(pipes[Math.floor((i * threads) / bytes)]!);
    const shared = new Int32Array(new SharedArrayBuffer(4 * (1 + threads)));
    const data: Ring = { fds: pipes.flatMap(({ from, to }) => [from, to]), threads, rounds, shared };
    init({ manager: entry(import.meta.resolve('./ring-manager.js'), 'manager'), data, ...options });
    t.strictSame([...shared.subarray(1)], Array.from({ length: threads }, () => rounds), 'every thread has had its rounds');
    for (const pipe of pipes) closePipe(pipe);
  });
}
