/** The template VP initialization, filled in; and its rules, broken. */

import { finish, vpCount, type OpGenerator } from 'node-vpi';
import { nanosleep, pipe, write } from 'node-vpi/sys';
import { blocks, join, pass, ready, run, spawn, system } from '../../examples/coroutines/coroutines.ts';
import t from '../program.ts';
import { blockedReader, readByte, runChanged, sleep, type Changes } from './changed.ts';

t.test('init() is called once, however many VPs come', async (t) => {
  const given: unknown[] = [];
  const counted: Changes = {
    init(data) {
      given.push(data);
      system.init(data);
    },
  };
  let vps = 0;
  function* main(): OpGenerator {
    const [input, output] = yield* pipe();
    const readers = Array.from({ length: 5 }, () => spawn(() => readByte(input)));
    while (blocks < readers.length) yield* pass();
    vps = vpCount();
    yield* write(output, 'xxxxx');
    for (const each of readers) yield* join(each);
  }
  runChanged(counted, main);
  t.strictSame(given, [main], 'with the data of init()');
  t.ok(vps > 5, `${vps} VPs`);
});

/** Breaks 1.1. */
const leavesOver: Changes = { init: (main) => void spawn(main) };

t.test('1.1 a coroutine of the instance before is left over', async (t) => {
  const turns: string[] = [];
  const fails = () => run(function* () {
    spawn(function* () { turns.push('of the instance before'); });
    throw new Error('ends it');
  });
  t.throws(fails, /ends it/);
  runChanged(leavesOver, function* () {
    turns.push('of this one');
    yield* finish();
  });
  t.strictSame(turns, ['of the instance before', 'of this one'], 'it runs in this one');
});

t.test('1.1 one is left over that was held', async (t) => {
  const fails = () => run(function* () {
    const [reader, output] = yield* blockedReader();
    yield* write(output, 'x');
    while (!ready.includes(reader)) yield* pass();
    throw new Error('ends it');
  });
  t.throws(fails, /ends it/);
  t.throws(() => runChanged(leavesOver, () => sleep(1)), { code: 'EXDEV' }, 'its VP is none of this one');
});

t.test('1.2 a coroutine that init() runs', async (t) => {
  const steps: string[] = [];
  function* coroutine(): OpGenerator {
    steps.push('begins');
    yield* nanosleep(1);
    steps.push('goes on');
  }
  const runsOne: Changes = {
    init(main) {
      system.init(main);
      coroutine().next();
    },
  };
  runChanged(runsOne, () => sleep(50));
  t.strictSame(steps, ['begins'], 'waits for ever: nobody has done what it yielded');
});
