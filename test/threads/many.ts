/** Many threads: ready, blocked in the kernel, on other processors; and `start()` with `host()`. */

import { Barrier, entry, run, Semaphore, start, stats, Thread, yieldNow } from 'node-vpi/threads';
import { read } from 'node-vpi/sys';
import { kernelStatus } from 'node-vpi';
import t from '../program.ts';
import { closePipe, fill, makePipe } from '../vpi/pipes.ts';
import type * as Entries from './entries.ts';

const scale = Number(process.env['VPI_SCALE'] ?? 100) / 100;
const url = import.meta.resolve('./entries.js');

t.test('100 000 threads', (t) => {
  const count = Math.ceil(100_000 * Math.min(scale, 1));
  const sum = run(function* () {
    const semaphore = new Semaphore(0);
    let sum = 0;
    const threads = Array.from({ length: count }, (_, i) =>
      Thread.create(function* () {
        yield* semaphore.acquire();
        yield* yieldNow();
        sum += i;
      }),
    );
    yield* yieldNow();
    semaphore.release(count);
    for (const thread of threads) yield* thread.join();
    return sum;
  });
  t.equal(sum, (count * (count - 1)) / 2);
});

t.test('1 000 threads blocked in read() cost the others nothing but their VPs', (t) => {
  const count = Math.ceil(1000 * Math.min(scale, 1));
  const pipe = makePipe();
  run(function* () {
    const readers = Array.from({ length: count }, () => Thread.create(function* () { return yield* read(pipe.from, new Uint8Array(1)); }));
    // Each yield lets all that are ready run: computing goes on while they block, one after the other.
    let turns = 0;
    while (kernelStatus().count.BLOCKED < count) {
      turns++;
      yield* yieldNow();
    }
    t.ok(turns > 0, 'another thread runs meanwhile');
    const before = kernelStatus();
    for (let i = 0; i < 10_000; i++) yield* yieldNow();
    t.equal(kernelStatus().blocks, before.blocks, 'it has not entered the kernel');
    for (let i = 0; i < count; i++) fill(pipe);
    let sum = 0;
    for (const reader of readers) sum += yield* reader.join();
    t.equal(sum, count);
    t.ok(stats().upcalls.blocked > 0);
  });
  closePipe(pipe);
});

t.test('threads of entries', (t) => {
  const e = <K extends keyof typeof Entries>(name: K, processor?: number) => entry<(typeof Entries)[K]>(url, name, processor === undefined ? {} : { processor });
  run(
    function* () {
      const places = [0, 1, 0, 1].map((processor) => Thread.create(e('place', processor)));
      for (const [i, thread] of places.entries()) {
        t.equal(thread.processor, i % 2);
        t.strictSame(yield* thread.join(), { processor: i % 2, id: thread.id });
      }
      const unplaced = [1, 2, 3, 4].map(() => Thread.create(e('waitAt'), new Barrier(1).shared()));
      t.ok(new Set(unplaced.map((thread) => thread.processor)).size === 2, 'go to the least loaded processor');
      for (const thread of unplaced) yield* thread.join();
      const failing = Thread.create(e('fail', 1), 'far away');
      try {
        yield* failing.join();
        t.fail('it throws');
      } catch (error) {
        t.match(error, { name: 'RangeError', message: 'far away' });
      }
      t.throws(() => Thread.create(e('place', 2)), RangeError);
      t.throws(() => Thread.create(e('fail', 1), (() => {}) as never), { name: 'DataCloneError' });
      const missing = Thread.create(entry<typeof Entries.place>(url, 'nothing', { processor: 1 }));
      try {
        yield* missing.join();
        t.fail('it throws');
      } catch (error) {
        t.match(error, /exports no function nothing/);
      }
      const unsendable = Thread.create(e('returnFunction', 1));
      try {
        yield* unsendable.join();
        t.fail('it throws');
      } catch (error) {
        t.match(error, /cannot be sent/);
      }
      Thread.create(e('forEver', 1)).detach();
      const cancelled = Thread.create(e('forEver', 1));
      cancelled.cancel('enough');
      try {
        yield* cancelled.join();
      } catch (error) {
        t.match(error, { name: 'CancelledError', reason: 'enough' });
      }
    },
    { processors: 2 },
  );
  t.throws(() => run(function* () { Thread.create(e('fail', 1), 'unjoined'); }, { processors: 2 }), /unjoined/);
});

t.test('start() and host()', async (t) => {
  const sum = await start(entry<typeof Entries.hosted>(url, 'hosted'), { processors: 2, args: [20] });
  t.equal(sum, 42);
  await t.rejects(start(entry<typeof Entries.fail>(url, 'fail'), { args: ['in start'] }), /in start/);
  await t.rejects(start(entry<typeof Entries.hostFails>(url, 'hostFails')), /of the host/);
});
