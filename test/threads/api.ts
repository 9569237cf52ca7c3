/** What docs say of VPIthreads on one processor, function by function. */

import { Barrier, CancelledError, Condition, current, DeadlockError, Mutex, on, run, Semaphore, sleep, stats, Thread, ThreadLocal, yieldNow } from 'node-vpi/threads';
import { nanosleep, read } from 'node-vpi/sys';
import { now, type OpGenerator } from 'node-vpi';
import t from '../program.ts';
import { closePipe, fill, makePipe } from '../vpi/pipes.ts';

/** Takes what `run()` throws where threads fail on purpose off the screen. */
function quietly<R>(body: () => R): { result?: R; said: string } {
  const own = process.stderr.write.bind(process.stderr);
  let said = '';
  process.stderr.write = (text) => ((said += String(text)), true);
  try {
    return { result: body(), said };
  } finally {
    process.stderr.write = own;
  }
}

t.test('create and join', (t) => {
  const order: string[] = [];
  const result = run(function* () {
    t.equal(current().id, 1);
    const threads = ['a', 'b', 'c'].map((name) =>
      Thread.create(function* () {
        order.push(name);
        yield* yieldNow();
        order.push(name);
        return name.toUpperCase();
      }),
    );
    t.equal(threads[0]!.state, 'ready');
    t.equal(threads[0]!.processor, 0);
    const results: string[] = [];
    for (const thread of threads) results.push(yield* thread.join(), yield* thread.join());
    t.equal(threads[0]!.state, 'finished');
    return results.join('');
  });
  t.equal(result, 'AABBCC', 'any number of times');
  t.equal(order.join(''), 'abcabc', 'first in, first out');
  t.throws(() => run(5 as never), /fn must be a generator function/);
  t.throws(() => run((() => 5) as never), /fn must be a generator function/);
  t.throws(() => run(function* () {}, { processors: 0 }), RangeError);
  t.throws(() => Thread.create(function* () {}), /by a thread only/);
  run(function* () {
    t.throws(() => Thread.create((() => 5) as never), TypeError);
    t.throws(() => current().join(), { code: 'EDEADLK' });
    t.throws(() => run(function* () {}), { code: 'EBUSY' });
    yield* yieldNow();
  });
});

t.test('errors', (t) => {
  t.throws(() => run(function* () { throw new RangeError('of main'); }), /of main/);
  run(function* () {
    const thread = Thread.create(function* () { yield* yieldNow(); throw new Error('joined'); });
    try {
      yield* thread.join();
      t.fail('it throws');
    } catch (error) {
      t.match(error, /joined/);
      t.equal(thread.state, 'failed');
    }
  });
  const one = quietly(() => t.throws(() => run(function* () { Thread.create(function* () { throw new Error('alone'); }).name = 'lonely'; }), /alone/));
  t.match(one.said, /thread 2 \(lonely\) failed: Error: alone/);
  const two = quietly(() => t.throws(() => run(function* () { for (const i of [1, 2]) Thread.create(function* () { throw new Error(`${i}`); }); }), { name: 'AggregateError' }));
  t.match(two.said, /thread 3 failed/);
  const late = quietly(() => run(function* () {
    const thread = Thread.create(function* () { throw new Error('late'); });
    yield* sleep(1);
    try { yield* thread.join(); } catch (error) { return (error as Error).message; }
    return '';
  }));
  t.equal(late.result, 'late', 'joined after it was reported, it is not thrown again');
});

/* eslint-disable vpi/yield-ops -- the run-time check is what is looked at */
t.test('a forgotten yield*', (t) => {
  const inThread = (body: () => OpGenerator<unknown>) => quietly(() => run(body));
  t.throws(() => inThread(function* () { yieldNow(); }), /yieldNow\(\) was called without yield\*/);
  t.throws(() => inThread(function* () { const m = new Mutex(); m.lock(); yield* sleep(1); }), /Mutex.lock\(\) was called without/);
  t.throws(() => inThread(function* () { sleep(1); yield* yieldNow(); }), /sleep\(\) was called without/);
  t.throws(() => inThread(function* () { read(0, new Uint8Array(1)); yield* nanosleep(1); }), /read was called without/);
  t.throws(() => inThread(function* () { nanosleep(1); }), /nanosleep was called without/);
  t.throws(() => inThread(function* () { yield 5 as never; }), /a thread yielded 5/);
  run(function* () {
    const mutex = new Mutex();
    try { mutex.lock(); yield* sleep(1); } catch { /* it goes on */ }
    t.equal(mutex.locked, true);
    mutex.unlock();
    yield* sleep(0.1);
  });
});
/* eslint-enable vpi/yield-ops */

t.test('Mutex', (t) => {
  run(function* () {
    const mutex = new Mutex();
    const tried = new Semaphore(0);
    const order: number[] = [];
    yield* mutex.lock();
    t.equal(mutex.locked, true);
    t.throws(() => mutex.lock(), { code: 'EDEADLK' });
    t.throws(() => mutex.tryLock(), { code: 'EDEADLK' });
    const threads = [1, 2, 3].map((i) => Thread.create(function* () {
      if (i === 1) t.throws(() => mutex.unlock(), { code: 'EPERM' });
      t.equal(mutex.tryLock(), false);
      t.equal(yield* mutex.lockFor(0.1), false);
      tried.release();
      yield* mutex.withLock(function* () { order.push(i); yield* yieldNow(); });
    }));
    // However long that takes: until then it is locked.
    for (let i = 0; i < threads.length; i++) yield* tried.acquire();
    mutex.unlock();
    for (const thread of threads) yield* thread.join();
    t.equal(order.join(''), '123');
    t.equal(mutex.locked, false);
    t.throws(() => mutex.unlock(), { code: 'EPERM' });
    t.equal(yield* mutex.lockFor(1), true);
    t.throws(() => mutex.lockFor(-1), RangeError);
    mutex.unlock();
  });
});

t.test('Condition', (t) => {
  run(function* () {
    const [mutex, other, condition] = [new Mutex(), new Mutex(), new Condition()];
    t.throws(() => condition.wait(mutex), { code: 'EPERM' });
    condition.signal();
    const order: string[] = [];
    const threads = ['a', 'b', 'c'].map((name) => Thread.create(function* () {
      yield* mutex.lock();
      yield* condition.wait(mutex);
      order.push(name);
      mutex.unlock();
    }));
    yield* yieldNow();
    yield* other.lock();
    t.throws(() => condition.wait(other), { code: 'EINVAL' });
    yield* mutex.lock();
    condition.signal();
    yield* yieldNow();
    t.equal(order.length, 0, 'a signal is no wakeup while the mutex is held');
    mutex.unlock();
    yield* threads[0]!.join();
    t.equal(order.join(''), 'a');
    condition.broadcast();
    for (const thread of threads) yield* thread.join();
    t.equal(order.join(''), 'abc');
    yield* mutex.lock();
    t.equal(yield* condition.waitFor(mutex, 1), false);
    t.equal(mutex.locked, true, 'it has the mutex again');
    mutex.unlock();
    const waiter = Thread.create(function* () {
      yield* mutex.lock();
      try { yield* condition.wait(mutex); } finally { mutex.unlock(); }
    });
    yield* yieldNow();
    waiter.cancel();
    try { yield* waiter.join(); t.fail('it throws'); } catch (error) { t.match(error, CancelledError); }
    t.equal(mutex.locked, false);
  });
});

t.test('Semaphore and Barrier', (t) => {
  run(function* () {
    const semaphore = new Semaphore(1);
    t.equal(semaphore.tryAcquire(), true);
    t.equal(semaphore.tryAcquire(), false);
    t.equal(yield* semaphore.acquireFor(0.5), false);
    const waiters = [1, 2].map(() => Thread.create(function* () { yield* semaphore.acquire(); }));
    yield* yieldNow();
    semaphore.release(3);
    t.equal(semaphore.permits, 1);
    for (const waiter of waiters) yield* waiter.join();
    t.throws(() => new Semaphore(-1), RangeError);
    t.throws(() => semaphore.release(0), RangeError);
    const barrier = new Barrier(3);
    const last: boolean[] = [];
    const threads = Array.from({ length: 6 }, () => Thread.create(function* () { last.push(yield* barrier.wait()); }));
    for (const thread of threads) yield* thread.join();
    t.equal(last.filter(Boolean).length, 2, 'true for one of each round');
    t.throws(() => new Barrier(0), RangeError);
  });
});

t.test('sleep, timers', (t) => {
  run(function* () {
    const late: number[] = [];
    const threads = [5, 1, 3].map((ms) => Thread.create(function* () { const begun = now(); yield* sleep(ms); late.push(now() - begun - ms); }));
    for (const thread of threads) yield* thread.join();
    t.ok(late.length === 3 && Math.min(...late) >= 0, 'none wakes up too early');
    t.throws(() => sleep(-1), RangeError);
    t.throws(() => sleep('1' as never), RangeError);
    const sleepers = Array.from({ length: 10_000 }, (_, i) => Thread.create(function* () { yield* sleep(i % 7); }));
    for (const sleeper of sleepers) yield* sleeper.join();
  });
});

t.test('cancel', (t) => {
  const pipe = makePipe();
  const ends: string[] = [];
  const waits: Record<string, () => OpGenerator<unknown>> = {
    *read() { yield* read(pipe.from, new Uint8Array(1)); },
    *nanosleep() { yield* nanosleep(1e12); },
    *sleep() { yield* sleep(1e9); },
    *mutex() { const mutex = new Mutex(); yield* Thread.create(function* () { yield* mutex.lock(); }).join(); yield* mutex.lock(); },
    *semaphore() { yield* new Semaphore(0).acquire(); },
    *barrier() { yield* new Barrier(2).wait(); },
    *join() { const other = Thread.create(function* () { yield* sleep(1e9); }); try { yield* other.join(); } finally { other.cancel(); } },
    *running() { for (;;) yield* yieldNow(); },
    *calling() { for (;;) yield* nanosleep(1); },
  };
  run(function* () {
    for (const [name, wait] of Object.entries(waits)) {
      const thread = Thread.create(function* () {
        try { yield* wait(); } finally {
          yield* sleep(0.1);
          yield* nanosleep(10_000);
          ends.push(name);
        }
      });
      yield* sleep(2);
      thread.cancel(name);
      thread.cancel('again');
      try { yield* thread.join(); t.fail(`${name} throws`); } catch (error) {
        t.match(error, CancelledError);
        t.equal((error as CancelledError).reason, name);
      }
      thread.cancel();
    }
  });
  t.strictSame(ends, Object.keys(waits), 'finally blocks run, with ops');
  // A result that is there already counts; the cancellation comes with the next op.
  run(function* () {
    const thread = Thread.create(function* () {
      const n = yield* read(pipe.from, new Uint8Array(1));
      try { yield* yieldNow(); } catch (error) { return [n, (error as Error).name]; }
      return [];
    });
    yield* sleep(2);
    fill(pipe);
    thread.cancel();
    t.strictSame(yield* thread.join(), [1, 'CancelledError']);
  });
  closePipe(pipe);
});

t.test('detach, the end', (t) => {
  let cleaned = 0;
  run(function* () {
    for (let i = 0; i < 3; i++) {
      Thread.create(function* () { try { yield* (i === 0 ? new Semaphore(0).acquire() : i === 1 ? sleep(1e9) : nanosleep(1e15)); } finally { cleaned++; } }).detach();
    }
    yield* sleep(1);
  });
  t.equal(cleaned, 3, 'detached threads are cancelled');
  let ended = false;
  run(function* () { Thread.create(function* () { yield* sleep(3); ended = true; }); });
  t.ok(ended, 'others are waited for');
});

t.test('deadlock', (t) => {
  const error = t.throws(() => run(function* () {
    const mutex = new Mutex();
    yield* mutex.lock();
    const other = Thread.create(function* () { yield* mutex.lock(); });
    other.name = 'other';
    yield* other.join();
  }), DeadlockError) as DeadlockError;
  t.strictSame(error.threads, [
    { id: 1, name: '', processor: 0, waitsFor: 'joins thread 2 (other)' },
    { id: 2, name: 'other', processor: 0, waitsFor: 'Mutex that thread 1 has' },
  ]);
});

t.test('thread-locals, names, upcalls', (t) => {
  const local = new ThreadLocal<number>(() => 7);
  const pipe = makePipe();
  const blocked: string[] = [];
  run(function* () {
    local.set(1);
    const other = Thread.create(function* () { return local.get(); });
    t.equal(yield* other.join(), 7);
    t.equal(local.get(), 1);
    local.delete();
    t.equal(local.get(), 7);
    const off = on('blocked', (thread) => blocked.push(thread!.name));
    const reader = Thread.create(function* () { yield* read(pipe.from, new Uint8Array(1)); });
    reader.name = 'reader';
    while (blocked.length === 0) yield* sleep(0.5);
    fill(pipe);
    yield* reader.join();
    off();
    t.ok(stats().upcalls.blocked > 0 && stats().switches > 0, 'they are counted');
    t.throws(() => on('nothing' as never, () => {}), TypeError);
  });
  t.ok(blocked.includes('reader'), 'told of the thread');
  t.throws(() => local.get(), /by a thread only/);
  closePipe(pipe);
});
