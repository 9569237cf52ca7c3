/**
 * A ring of threads, each of which reads a byte from its pipe and writes one into the next thread's. Every read blocks its
 * VP, so each hop is a BLOCKED, an UNBLOCKED and a resume; the threads are spread over the processors, so bytes cross.
 */

import { finish, getData, processorCount, processorIndex, setData, type OpGenerator, type VpHandle } from 'node-vpi';
import { read } from 'node-vpi/sys';
import { native } from '../../lib/native.ts';
import { takeTurns } from './turns.ts';

export interface Ring {
  fds: number[];
  threads: number;
  rounds: number;
  /** [0] threads that have ended, [1...] hops of each */
  shared: Int32Array;
}

const ready: (OpGenerator | VpHandle)[] = [];
let ring: Ring | undefined;

export function manager(): OpGenerator {
  const data = getData<Ring>();
  if (data && 'rounds' in data) begin(data);
  return takeTurns(ready, run);
}

function begin(data: Ring): void {
  setData(undefined);
  ring = data;
  ready.length = 0;
  for (let i = processorIndex(); i < ring.threads; i += processorCount()) ready.push(member(i));
}

const byte = new Uint8Array(1);

function* member(index: number): OpGenerator {
  const { fds, threads, rounds, shared } = ring!;
  const buffer = new Uint8Array(1);
  const to = fds[2 * ((index + 1) % threads) + 1]!;
  for (let i = 0; i < rounds; i++) {
    const n = yield* read(fds[2 * index]!, buffer);
    if (n !== 1) throw new Error(`read ${n}`);
    shared[1 + index]!++;
    native.syscall(1, to, native.pin(byte), 1);
  }
}

function* run(thread: OpGenerator): OpGenerator {
  const step = thread.next();
  if (!step.done) {
    yield step.value;
    ready.push(thread);
  } else if (Atomics.add(ring!.shared, 0, 1) + 1 === ring!.threads) yield* finish();
}
