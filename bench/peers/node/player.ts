/** What a Worker of `workers.ts` does. */

import { parentPort, workerData } from 'node:worker_threads';
import { check, warmUpCalls } from '../../workloads/arguments.ts';

export interface PlayerSetup {
  plays: 'turns' | 'barrier';
  /** In turn; shared by those who play together. */
  tables: { words: Int32Array; me: number }[];
  /** At each of them. */
  moves: number;
  warmUp: number;
}

/** In milliseconds of a clock that all Workers have in common. */
export interface PlayerOutcome {
  start: number;
  end: number;
}

function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** `words[0]`: whose turn it is; `words[1]`: moves in all. */
function takeTurns(words: Int32Array, me: number, moves: number): void {
  for (let i = 0; i < moves; i++) {
    while (Atomics.load(words, 0) !== me) Atomics.wait(words, 0, 1 - me);
    words[1]!++;
    Atomics.store(words, 0, 1 - me);
    Atomics.notify(words, 0, 1);
  }
}

const threads = 32;

/** `words[0]`: who has come in this episode; `words[1]`: the episode; `words[2]`: arrivals in all. */
function passBarrier(words: Int32Array, _me: number, times: number): void {
  for (let i = 0; i < times; i++) {
    const episode = Atomics.load(words, 1);
    Atomics.add(words, 2, 1);
    if (Atomics.add(words, 0, 1) === threads - 1) {
      Atomics.store(words, 0, 0);
      Atomics.add(words, 1, 1);
      Atomics.notify(words, 1);
    } else while (Atomics.load(words, 1) === episode) Atomics.wait(words, 1, episode);
    check(Atomics.load(words, 2) >= (episode + 1) * threads, 'the barrier has let one through early');
  }
}

const { plays, tables, moves, warmUp } = workerData as PlayerSetup;
const play = plays === 'turns' ? takeTurns : passBarrier;
const playAll = (moves: number) => tables.forEach(({ words, me }) => play(words, me, moves));
for (let call = 0; call < warmUpCalls; call++) playAll(warmUp);
const start = now();
playAll(moves);
parentPort!.postMessage({ start, end: now() } satisfies PlayerOutcome);
