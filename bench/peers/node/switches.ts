/** `11 COUNT FUNCTIONS`: figure 11 with `async` and `await`: each function gives way to the next one. */

import { check, report, wholeNumber } from '../../workloads/arguments.ts';

const [figure, count, functions] = process.argv.slice(2);
if (figure !== '11') throw new RangeError(`FIGURE must be 11, not ${figure}`);
const others = wholeNumber('FUNCTIONS', functions);
const rounds = Math.ceil(wholeNumber('COUNT', count) / others);

/** Who waits for it goes on when all others have had their turn. */
const settled = Promise.resolve();
let turns = 0;
let isOver = false;

async function givesWay(): Promise<void> {
  while (!isOver) {
    turns++;
    await settled;
  }
}

// Where this function itself waits, each of them has a turn. In a function of its own, that one's end would be another turn.
const all = Array.from({ length: others }, givesWay);
for (let i = 0; i <= 300_000 / others; i++) await settled;
turns = 0;
const start = performance.now();
for (let i = 0; i < rounds; i++) await settled;
const time = performance.now() - start;
isOver = true;
check(turns === rounds * others, `${turns} turns, ${rounds * others} wanted`);
await Promise.all(all);
report('async', { figure: 11, count: rounds * (others + 1) }, time, { threads: others });
