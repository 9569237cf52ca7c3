/**
 * `12 COUNT`: figure 12 on VPIthreads: how long from the moment before a thread blocks in read() to the moment when another
 * one, which was ready, runs.
 */

import { close, pipe, read, write } from 'node-vpi/sys';
import { run, Thread, yieldNow, type OpGenerator } from 'node-vpi/threads';
import { now } from 'node-vpi';
import { readArguments, report, warmUpCalls } from './arguments.ts';
import { quantilesOf } from './quantiles.ts';

const given = readArguments(process.argv.slice(2), [12]);

/** Nanoseconds, one for each block. */
function* latencies(count: number): OpGenerator<number[]> {
  const [from, to] = yield* pipe();
  const samples: number[] = [];
  let before = 0;
  let isOver = false;
  const blocks = Thread.create(function* (): OpGenerator {
    const byte = new Uint8Array(1);
    for (let i = 0; i < count; i++) {
      before = now();
      yield* read(from, byte);
    }
    isOver = true;
  });
  while (!isOver) {
    if (before > 0) {
      samples.push((now() - before) * 1e6);
      before = 0;
      yield* write(to, new Uint8Array(1));
    }
    yield* yieldNow();
  }
  yield* blocks.join();
  for (const fd of [from, to]) yield* close(fd);
  return samples;
}

const samples = run(function* () {
  for (let call = 0; call < warmUpCalls; call++) yield* latencies(given.count);
  return yield* latencies(given.count);
});
const sum = samples.reduce((a, b) => a + b, 0);
report('vpithreads-1', { figure: 12, count: samples.length }, sum / 1e6, { quantiles: quantilesOf(samples) });
