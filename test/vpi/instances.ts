/** Instances begin and end: in good order, in the middle of everything, by an error; and the next one may come. */

import { finish, init, kernelRegister, kernelStatus, Notification, type OpGenerator } from 'node-vpi';
import { read } from 'node-vpi/sys';
import { closePipe, fill, makePipe } from './pipes.ts';
import { runAll } from './round-robin.ts';
import t from '../program.ts';

const times = Math.ceil(Number(process.env['VPI_SCALE'] ?? 100) / 5);

function repeat(what: () => void): void {
  for (let i = 0; i < times; i++) what();
}

t.test('finish() gives its status to init()', async (t) => {
  repeat(() => {
    const status = init({
      *manager() {
        yield* finish(7);
      },
    });
    if (status !== 7) t.equal(status, 7);
  });
});

t.test('finish() with VPs that are blocked', async (t) => {
  const pipes = Array.from({ length: 10 }, makePipe);
  function* blocked(fd: number): OpGenerator {
    yield* read(fd, new Uint8Array(1));
    t.fail('a read of an empty pipe returned');
  }
  repeat(() => {
    let states: string[] = [];
    function* last(): OpGenerator {
      states = kernelStatus().vps.map((vp) => vp.state);
      yield* finish(1);
    }
    const threads = [...pipes.map((pipe) => blocked(pipe.from)), last()];
    t.equal(runAll(threads), 1);
    t.equal(states.filter((state) => state === 'BLOCKED').length, pipes.length, 'all of them were');
  });
  for (const pipe of pipes) closePipe(pipe);
});

t.test('finish() with VPs that are held', async (t) => {
  repeat(() => {
    const pipes = Array.from({ length: 5 }, makePipe);
    function* reader(fd: number): OpGenerator {
      yield* read(fd, new Uint8Array(1));
      t.fail('a held VP went on');
    }
    let held = 0;
    /* While it runs, its processor is not idle, so nobody is resumed for it. */
    function* last(): OpGenerator {
      for (const pipe of pipes) fill(pipe);
      for (let unblocked = 0; unblocked < pipes.length; ) {
        const upcall = yield* kernelRegister({ timeout: 0 });
        if (upcall?.type === Notification.UNBLOCKED) unblocked++;
      }
      held = kernelStatus().count.WAITRESUME;
      yield* finish(2);
    }
    t.equal(runAll([...pipes.map((pipe) => reader(pipe.from)), last()]), 2);
    t.equal(held, pipes.length, 'all of them were');
    for (const pipe of pipes) closePipe(pipe);
  });
});

t.test('what a manager throws comes out of init()', async (t) => {
  class Special extends Error {}
  const error = new Special('from the manager');
  repeat(() => {
    try {
      init({
        *manager() {
          throw error;
        },
      });
      t.fail('it did not throw');
    } catch (caught) {
      if (caught !== error) t.equal(caught, error);
    }
  });
});

t.test('a second instance is refused while there is one', async (t) => {
  let code: unknown;
  init({
    *manager() {
      try {
        init({ *manager() {} });
      } catch (error) {
        code = (error as NodeJS.ErrnoException).code;
      }
      yield* finish();
    },
  });
  t.equal(code, 'EBUSY');
});

t.test('a manager that yields something else', async (t) => {
  t.throws(
    () =>
      init({
        *manager() {
          yield { name: 'nonsense' } as never;
        },
      }),
    { name: 'TypeError', message: /a manager yielded nonsense/ },
  );
});

t.test('timeouts', async (t) => {
  const timeouts = [0, 5, 20];
  const elapsed: number[] = [];
  const results: unknown[] = [];
  let registered = 0;
  init({
    // A timeout is the processor's: the VP that is told may be another than the one that registered, and begin here.
    *manager(_vp, isFirst) {
      for (let isTold = !isFirst; results.length < timeouts.length; isTold = false) {
        if (!isTold) registered = performance.now();
        results.push(yield* kernelRegister({ timeout: timeouts[results.length]! }));
        elapsed.push(performance.now() - registered);
      }
      yield* finish();
    },
  });
  t.strictSame(results, [undefined, undefined, undefined]);
  t.ok(
    elapsed.every((ms, i) => ms >= timeouts[i]!),
    `not too early: ${elapsed.join(', ')}`,
  );
});

t.test('kernelRegister() refuses a timeout that is none', async (t) => {
  t.throws(
    () =>
      init({
        *manager() {
          yield* kernelRegister({ timeout: -1 });
        },
      }),
    { name: 'RangeError', message: /timeout/ },
  );
});
