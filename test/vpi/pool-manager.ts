/** The thread system of pool.ts: a crowd of threads that block at once, and two that go on blocking while the pool shrinks. */

import {
  create,
  finish,
  getData,
  kernelStatus,
  processorCount,
  processorIndex,
  setData,
  vpCount,
  type OpGenerator,
  type VpHandle,
} from 'node-vpi';
import { read } from 'node-vpi/sys';
import { fill, type Pipe } from './pipes.ts';
import { takeTurns } from './turns.ts';

export interface Crowd {
  /** Each of them is read by a thread, once a round. */
  pipes: Pipe[];
  rounds: number;
  /** By which a processor is told to begin a round. */
  starts: Pipe[];
  there: Pipe;
  back: Pipe;
  /** VPs that shall be left after a round. */
  most: number;
  shared: Int32Array;
}

/** What `shared` holds. */
export const Count = { done: 0, opened: 1, closed: 2, rounds: 3 } as const;

/** VPs that the program makes for itself. */
export const owned = 3;

/** Milliseconds for what comes by itself, however busy the machine is. */
const patience = 120_000;

const ready: (OpGenerator | VpHandle)[] = [];
let crowd: Crowd;
const buffer = new Uint8Array(1);

export function* manager(): OpGenerator {
  const data = getData<Crowd>();
  if (data && 'pipes' in data) begin(data);
  Atomics.add(crowd.shared, Count.opened, 1);
  try {
    yield* takeTurns(ready, run);
  } finally {
    Atomics.add(crowd.shared, Count.closed, 1);
  }
}

function begin(data: Crowd): void {
  setData(undefined);
  crowd = data;
  ready.length = 0;
  ready.push(starter(crowd.starts[processorIndex()]!));
  if (processorIndex() === processorCount() - 1) ready.push(echo());
  if (processorIndex() === 0) ready.push(main());
}

function* run(thread: OpGenerator): OpGenerator {
  const step = thread.next();
  if (step.done) return;
  yield step.value;
  ready.push(thread);
}

function* starter(start: Pipe): OpGenerator {
  for (let round = 0; round < crowd.rounds; round++) {
    yield* read(start.from, new Uint8Array(1));
    crowd.pipes.forEach((pipe, i) => i % processorCount() === processorIndex() && ready.push(reader(pipe)));
  }
}

function* reader(pipe: Pipe): OpGenerator {
  yield* read(pipe.from, new Uint8Array(1));
  Atomics.add(crowd.shared, Count.done, 1);
}

function* echo(): OpGenerator {
  for (;;) {
    yield* read(crowd.there.from, buffer);
    fill(crowd.back);
  }
}

function* main(): OpGenerator {
  const { pipes, rounds, starts, most, shared } = crowd;
  const vps = Array.from({ length: owned }, () => create(manager));
  for (let round = 0; round < rounds; round++) {
    starts.forEach((start) => fill(start));
    yield* until(() => kernelStatus().count.BLOCKED >= pipes.length);
    shared[Count.rounds + 2 * round] = vpCount();
    pipes.forEach((pipe) => fill(pipe));
    yield* until(() => Atomics.load(shared, Count.done) === (round + 1) * pipes.length);
    yield* until(() => vpCount() <= most && openManagers() <= most * starts.length);
    shared[Count.rounds + 2 * round + 1] = vpCount();
  }
  const left = kernelStatus().vps.map(({ vp }) => vp);
  yield* finish(vps.filter((vp) => left.includes(vp)).length);
}

function openManagers(): number {
  return Atomics.load(crowd.shared, Count.opened) - Atomics.load(crowd.shared, Count.closed);
}

/** Until it is so. Meanwhile a byte goes there and back, and everybody blocks who reads it. */
function* until(isSo: () => boolean): OpGenerator {
  const begun = performance.now();
  while (!isSo()) {
    if (performance.now() > begun + patience) throw new Error(`in vain: until ${String(isSo)}, with ${vpCount()} VPs`);
    fill(crowd.there);
    yield* read(crowd.back.from, buffer);
  }
}
