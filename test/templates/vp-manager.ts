/** The template VP manager, filled in; and its rules, broken. */

import { finish, KernelOp, queuedCount, type OpGenerator } from 'node-vpi';
import { nanosleep, pipe, read, write } from 'node-vpi/sys';
import { join, living, needsKernel, pass, ready, run, spawn, system } from '../../examples/coroutines/coroutines.ts';
import t from '../program.ts';
import { blockedReader, getsStuck, masks, runChanged, type Changes } from './changed.ts';

for (const [name, mask] of Object.entries(masks)) {
  await t.test(`who comes back from the kernel waits for its turn, ${name}`, async (t) => {
    const turns: string[] = [];
    const isHeld = run(function* () {
      const [reader, output] = yield* blockedReader();
      spawn(function* () {
        yield* join(reader);
        turns.push('who waits for the reader');
      });
      yield* write(output, 'x');
      while (!ready.includes(reader)) yield* pass();
      spawn(function* () { turns.push('another'); });
      turns.push('main');
      return reader.heldVp !== undefined;
    }, { mask });
    t.strictSame(turns, ['main', 'another', 'who waits for the reader']);
    t.equal(isHeld, name.includes('UNBLOCKED'), 'its VP is held meanwhile, where that is wanted');
  });

  /** Breaks 2.1. */
  const looksNever: Changes = {
    manager() {
      while (living > 0) {
        const next = ready.shift();
        if (next === undefined || next.heldVp !== undefined || needsKernel(next)) return next;
      }
      return finish();
    },
  };

  await t.test(`2.1 a manager that does not look at queuedCount(), ${name}`, async (t) => {
    for (const [changes, isReady] of [[{}, true], [looksNever, false]] as const) {
      runChanged(changes, function* () {
        const [reader, output] = yield* blockedReader();
        yield* write(output, 'x');
        while (queuedCount() === 0);
        for (let i = 0; (isReady || i < 1000) && !reader.result; i++) yield* pass();
        t.equal(reader.result !== undefined, isReady, isReady ? 'a reader goes on' : 'a reader waits as long as somebody else runs');
      }, { mask });
    }
  });
}

t.test('2.2 a manager that calls the generator of one that is held', async (t) => {
  const callsAll: Changes = {
    manager() {
      while (living > 0 && queuedCount() === 0) {
        const next = ready.shift();
        if (next === undefined || needsKernel(next)) return next;
      }
      return living > 0 ? undefined : finish();
    },
  };
  const ends: string[] = [];
  function* reader(input: number): OpGenerator<string> {
    try {
      return `has read ${yield* read(input, new Uint8Array(1))}`;
    } catch (error) {
      return String(error);
    }
  }
  const main = (givesUp: boolean) => function* (): OpGenerator {
    const [input, output] = yield* pipe();
    const thread = spawn(() => reader(input));
    yield* pass();
    yield* write(output, 'x');
    while (!ready.includes(thread)) yield* pass();
    if (givesUp) thread.op!.reject('given up');
    ends.push(yield* join(thread));
    yield* pass();
    ends.push('main');
  };
  runChanged(callsAll, main(false));
  t.strictSame(ends.splice(0), ['has read 1', 'main'], 'it yields the op again that is not done, and a turn is lost');
  runChanged(callsAll, main(true));
  t.strictSame(ends, [], 'it goes on before its VP is back, and then once more: it has ended twice, and nobody waits for main');
});

t.test('2.3 a manager that does not finish', async (t) => {
  const goesOn: Changes = {
    manager() {
      const next = system.manager();
      return next instanceof KernelOp ? undefined : next;
    },
  };
  let ended = 0;
  t.ok(getsStuck(goesOn, function* () { ended++; }), 'init() does not return');
  t.equal(ended, 1, 'although everything is done');
});

t.test('2.4 an error that leaves the manager', async (t) => {
  const error = new Error('of a coroutine');
  const fails = () => run(function* () {
    spawn(function* () { throw error; });
    yield* nanosleep(1e12);
  });
  t.equal(t.throws(fails), error, 'comes out of init(), and what others do is stopped');
});
