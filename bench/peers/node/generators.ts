/** `11 COUNT GENERATORS`: figure 11 with bare generators: next() of each in turn, and no thread system at all. */

import { check, report, warmUpCalls, wholeNumber } from '../../workloads/arguments.ts';

const [figure, count, generators] = process.argv.slice(2);
if (figure !== '11') throw new RangeError(`FIGURE must be 11, not ${figure}`);
const number = wholeNumber('GENERATORS', generators);
const rounds = Math.ceil(wholeNumber('COUNT', count) / number);

let turns = 0;

function* bare(): Generator<undefined> {
  for (;;) {
    turns++;
    yield;
  }
}

const all = Array.from({ length: number }, bare);
function pass(rounds: number): void {
  for (let i = 0; i < rounds; i++) for (const generator of all) generator.next();
}

for (let call = 0; call < warmUpCalls; call++) pass(1 + Math.ceil(30_000 / number));
turns = 0;
const start = performance.now();
pass(rounds);
const time = performance.now() - start;
check(turns === rounds * number, `${turns} turns, ${rounds * number} wanted`);
report('generators', { figure: 11, count: turns }, time, { threads: number });
