/** `11 COUNT THREADS`: figure 11, so many switches among so many threads, each of which only gives way to the next one. */

import { run, Thread, yieldNow, type OpGenerator } from 'node-vpi/threads';
import { now } from 'node-vpi';
import { check, report, warmUpCalls, wholeNumber } from './arguments.ts';

const [figure, count, threads] = process.argv.slice(2);
if (figure !== '11') throw new RangeError(`FIGURE must be 11, not ${figure}`);
const others = wholeNumber('THREADS', threads);
const rounds = Math.ceil(wholeNumber('COUNT', count) / others);

let turns = 0;
let isOver = false;

function* givesWay(): OpGenerator {
  while (!isOver) {
    turns++;
    yield* yieldNow();
  }
}

/** A turn of each of them. */
function* passes(number: number): OpGenerator {
  for (let i = 0; i < number; i++) yield* yieldNow();
}

const time = run(function* () {
  const all = Array.from({ length: others }, () => Thread.create(givesWay));
  for (let call = 0; call < warmUpCalls; call++) yield* passes(1 + Math.ceil(30_000 / others));
  turns = 0;
  const start = now();
  yield* passes(rounds);
  const time = now() - start;
  isOver = true;
  for (const thread of all) yield* thread.join();
  return time;
});
check(turns === rounds * others, `${turns} turns, ${rounds * others} wanted`);
// The main thread's are switches, too.
report('vpithreads-1', { figure: 11, count: rounds * (others + 1) }, time, { threads: others });
