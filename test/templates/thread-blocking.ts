/** The template thread blocking, filled in; and its rules, broken. */

import { kernelStatus, Notification, vpCount, type KernelOp, type OpGenerator } from 'node-vpi';
import { open, pipe, read, write } from 'node-vpi/sys';
import { blocks, join, pass, ready, run, spawn, system, wait, type Coroutine } from '../../examples/coroutines/coroutines.ts';
import t from '../program.ts';
import { blockedReader, getsStuck, masks, readByte, runChanged, type Changes } from './changed.ts';

const { block } = system;

/** With the system's own hooks for those that are not given. */
const withBlock = (hooks: Partial<typeof block>): Changes => ({ block: { ...block, ...hooks } });

/** Writes down which hooks are called. */
function traced(calls: string[]): Changes {
  const names = ['begin', 'done', 'ready', 'resumed'] as const;
  const hooks = names.map((name) => [name, (thread: Coroutine, op: KernelOp<unknown>) => {
    calls.push(name);
    block[name](thread, op);
  }]);
  return withBlock(Object.fromEntries(hooks) as Partial<typeof block>);
}

for (const [name, mask] of Object.entries(masks)) {
  const isHeld = (mask & Notification.UNBLOCKED) !== 0;

  await t.test(`the hooks of a call that blocks, ${name}`, async (t) => {
    const calls: string[] = [];
    runChanged(traced(calls), function* () {
      const [reader, output] = yield* blockedReader();
      yield* write(output, 'x');
      while (!ready.includes(reader)) yield* pass();
      yield* join(reader);
    }, { mask });
    t.strictSame(calls, isHeld ? ['begin', 'ready', 'done', 'resumed'] : ['begin', 'done', 'ready']);
  });

  await t.test(`4.2 ready() does nothing, ${name}`, async (t) => {
    let [held, inQueue] = [0, true];
    function* main(): OpGenerator {
      const [reader, output] = yield* blockedReader();
      yield* write(output, 'x');
      while (!told) yield* pass();
      inQueue = ready.includes(reader);
      held = kernelStatus().count.WAITRESUME;
    }
    let told = false;
    const forgets = withBlock({ ready: () => void (told = true) });
    t.ok(getsStuck(forgets, main, { mask }), 'the thread never goes on');
    t.strictSame([inQueue, held], [false, isHeld ? 1 : 0], isHeld ? 'nor does its VP' : 'it is nowhere');
  });

  await t.test(`4.2 ready() is called twice, ${name}`, async (t) => {
    const steps: string[] = [];
    let told = false;
    const twice = withBlock({
      ready(coroutine) {
        told = true;
        block.ready(coroutine);
        block.ready(coroutine);
      },
    });
    runChanged(twice, function* () {
      const [input, output] = yield* pipe();
      spawn(function* () {
        yield* readByte(input);
        steps.push('waits');
        yield* wait([]);
        steps.push('goes on');
      });
      yield* pass();
      yield* write(output, 'x');
      while (!told) yield* pass();
    }, { mask });
    t.strictSame(steps, ['waits', 'goes on'], 'the thread has two turns, and the second ends a wait that nobody has ended');
  });
}

t.test('a call that does not block', async (t) => {
  const calls: string[] = [];
  runChanged(traced(calls), function* () {
    for (let i = 0; i < 5; i++) yield* open('/dev/null');
  });
  t.match(calls.join(' '), 'begin done resumed');
});

t.test('4.2 resumed() does nothing', async (t) => {
  let [fd, isOpen] = [-1, false];
  const forgets = withBlock({ resumed: () => {} });
  const opens = () => runChanged(forgets, function* () {
    fd = yield* open('/dev/null');
    isOpen = true;
  });
  t.throws(opens, /every coroutine waits for another/, 'the thread never goes on');
  t.strictSame([fd, isOpen], [-1, false]);
});

t.test('4.1 somebody resumes a thread that is in the kernel', async (t) => {
  const bytes: string[] = [];
  let calls = 0;
  const isStuck = getsStuck({}, function* () {
    const [input, output] = yield* pipe();
    const byte = Buffer.alloc(1);
    const reader = spawn(function* () {
      for (;;) {
        yield* read(input, byte);
        bytes.push(byte.toString());
      }
    });
    yield* pass();
    ready.push(reader);
    while (blocks < 2) yield* pass();
    calls = kernelStatus().count.BLOCKED;
    yield* write(output, 'a');
    while (bytes.length < 1) yield* pass();
    while (blocks < 3) yield* pass();
    yield* write(output, 'b');
    for (let i = 0; i < 1000; i++) yield* pass();
  });
  t.equal(calls, 2, 'two VPs make the call');
  t.strictSame(bytes, ['a'], 'what the second one reads is lost');
  t.ok(isStuck, 'and the thread waits for it');
});

t.test('4.3 threads that wait for each other in the kernel', async (t) => {
  const many = 20;
  /** VPs while `many` coroutines wait for one byte, or for who waits for it. */
  const vps = (waits: (input: number, gate: Coroutine) => OpGenerator<unknown>) => run(function* () {
    const [input, output] = yield* pipe();
    const gate = spawn(() => readByte(input));
    for (let i = 0; i < many; i++) spawn(() => waits(input, gate));
    yield* pass();
    const count = vpCount();
    yield* write(output, Buffer.alloc(1 + many));
    return count;
  });
  const [joining, reading] = [vps((_, gate) => join(gate)), vps((input) => readByte(input))];
  t.ok(joining < many && reading > many, `take a VP each: ${reading} of them, where ${joining} are enough`);
});
