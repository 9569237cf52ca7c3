/** The template idle loop, filled in; and its rules, broken. */

import { entry, finish, init, now, queuedCount, type OpGenerator } from 'node-vpi';
import { blocks, join, living, needsKernel, pass, ready, spawn, system, wait, type Coroutine } from '../../examples/coroutines/coroutines.ts';
import t from '../program.ts';
import { runChanged, type Changes } from './changed.ts';
import type { Job } from './job.ts';

const timers: { time: number; queue: Coroutine[] }[] = [];

/** Waits for a time, without a VP. */
function* sleep(milliseconds: number): OpGenerator {
  const timer = { time: now() + milliseconds, queue: [] };
  timers.push(timer);
  timers.sort((a, b) => a.time - b.time);
  yield* wait(timer.queue);
}

function fireTimers(): void {
  while (timers.length > 0 && timers[0]!.time <= now()) ready.push(...timers.shift()!.queue);
}

const withTimers: Changes = {
  manager() {
    while (living > 0 && queuedCount() === 0) {
      fireTimers();
      const next = ready.shift();
      if (next === undefined || next.heldVp !== undefined || needsKernel(next)) return next;
    }
    return living > 0 ? undefined : finish();
  },
  idle() {
    if (ready.length > 0) return 0;
    return timers.length > 0 ? Math.max(0, timers[0]!.time - now()) : system.idle();
  },
};

t.test('timers', async (t) => {
  const late: number[] = [];
  runChanged(withTimers, function* () {
    for (const time of [30, 10, 20]) {
      spawn(function* () {
        const begin = now();
        yield* sleep(time);
        late.push(now() - begin - time);
      });
    }
    yield* sleep(40);
  });
  t.ok(late.length === 3 && Math.min(...late) >= 0, `all fire, and none too early: ${late.join(', ')}`);
  t.equal(blocks, 0, 'nobody waits in the kernel but the idle VP');
});

t.test('5.1 idle() sleeps although a thread is ready', async (t) => {
  for (const [idle, slept] of [[system.idle, 0], [() => 300, 300]] as const) {
    let stopped = false;
    let begun = 0;
    // As if it had stopped for news that somebody else has fetched meanwhile.
    const stopsOnce: Changes = {
      idle,
      manager() {
        if (stopped) return system.manager();
        stopped = true;
        return undefined;
      },
    };
    const begin = now();
    runChanged(stopsOnce, function* () {
      begun = now();
    });
    t.ok(begun - begin >= slept, slept === 0 ? 'it looks, and the thread runs' : 'the thread waits as long as the processor sleeps');
  }
});

t.test('5.2 a job comes while a processor falls asleep', async (t) => {
  for (const [how, sleptOver] of [['says it first', 0], ['is always waked', 0], ['looks first', 1]] as const) {
    const job: Job = { words: new Int32Array(new SharedArrayBuffer(20)), how };
    t.equal(init({ manager: entry(import.meta.resolve('./job.js'), 'manager'), data: job, processors: 2 }), sleptOver, `it ${how}`);
    t.strictSame([...job.words.subarray(3)], [1, 1], 'init() is called once for each processor');
  }
});

t.test('5.3 timers that only idle() looks at', async (t) => {
  const looksInIdle: Changes = {
    idle() {
      fireTimers();
      return withTimers.idle!();
    },
  };
  for (const [changes, isAwake] of [[withTimers, true], [looksInIdle, false]] as const) {
    runChanged(changes, function* () {
      const sleeper = spawn(() => sleep(1));
      yield* pass();
      const later = now() + 20;
      while (now() < later) yield* pass();
      // One for the timer, one for the turn.
      yield* pass();
      yield* pass();
      t.equal(sleeper.result !== undefined, isAwake, isAwake ? 'who sleeps is waked' : 'who sleeps waits as long as somebody else runs');
      yield* join(sleeper);
    });
  }
});
