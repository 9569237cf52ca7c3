/**
 * A ring of threads, each of which reads a byte from its pipe and writes one into the next thread's. Every read blocks its
 * VP, so each hop is a BLOCKED, an UNBLOCKED and a resume; the threads are spread over the processors, so bytes cross.
 */

import {
  DETACHED,
  finish,
  getData,
  kernelRegister,
  kernelResumeAndRegister,
  Notification,
  processorCount,
  processorIndex,
  queuedCount,
  setData,
  type OpGenerator,
  type Upcall,
  type VpHandle,
} from '../../lib/vpi/index.ts';
import { read } from '../../lib/sys/index.ts';
import { native } from '../../lib/native.ts';

export interface Ring {
  fds: number[];
  threads: number;
  rounds: number;
  /** [0] threads that have ended, [1...] hops of each */
  shared: Int32Array;
}

const ready: (OpGenerator | VpHandle)[] = [];
let ring: Ring | undefined;

export function* manager(): OpGenerator {
  const data = getData<Ring>();
  if (data && 'rounds' in data) begin(data);
  for (;;) {
    if (queuedCount() > 0) handle(yield* kernelRegister({ timeout: 0 }));
    const next = ready.shift();
    if (next === undefined) handle(yield* kernelRegister());
    else if (typeof next === 'number') handle(yield* kernelResumeAndRegister(next));
    else yield* run(next);
  }
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
  setData(thread);
  const step = thread.next();
  if (!step.done) {
    yield step.value;
    ready.push(thread);
  } else if (Atomics.add(ring!.shared, 0, 1) + 1 === ring!.threads) yield* finish();
}

function handle(upcall: Upcall | undefined): void {
  if (upcall?.type === Notification.UNBLOCKED) ready.push(upcall.vp);
  else if (upcall?.type === DETACHED) ready.push(upcall.data as OpGenerator);
}
