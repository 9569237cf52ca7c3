/** An isolate goes from VP to VP in the middle of things that V8 and Node keep per thread, or believe that they do. */

import { AsyncLocalStorage } from 'node:async_hooks';
import { stripTypeScriptTypes } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { kernelStatus, vpCount, type OpGenerator } from 'node-vpi';
import { read } from 'node-vpi/sys';
import { closePipe, fill, makePipe, type Pipe } from '../vpi/pipes.ts';
import { runAll } from '../vpi/round-robin.ts';
import t from '../program.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Blocks this thread's VP, so that another one goes on; then lets it go on. */
function* block(pipe: Pipe): OpGenerator {
  yield* read(pipe.from, new Uint8Array(1));
}

function* wake(pipes: Pipe[]): OpGenerator {
  for (const pipe of pipes) fill(pipe);
}

/** Runs `body` on `count` threads, each of which has a pipe to block on; `between` runs when all of them are blocked. */
function runBlocked(count: number, body: (pipe: Pipe, index: number) => OpGenerator, between: () => void = () => {}): void {
  const pipes = Array.from({ length: count }, makePipe);
  function* last(): OpGenerator {
    between();
    yield* wake(pipes);
  }
  runAll([...pipes.map(body), last()]);
  for (const pipe of pipes) closePipe(pipe);
}

t.test('a stack that is too deep is a RangeError on any VP', async (t) => {
  let errors = 0;
  const dive = (depth: number): number => 1 + dive(depth + 1);
  const overflow = () => {
    try {
      dive(0);
    } catch (error) {
      if (error instanceof RangeError) errors++;
    }
  };
  runBlocked(
    4,
    function* (pipe) {
      overflow();
      yield* block(pipe);
      overflow();
    },
    overflow,
  );
  t.equal(errors, 9);
});

t.test('garbage collections while many VPs are blocked', async (t) => {
  let checked = 0;
  runBlocked(
    20,
    function* (pipe, index) {
      for (let round = 0; round < 5; round++) {
        const garbage = Array.from({ length: 1000 }, (_, i) => ({ index, text: `${index} ${i}` }));
        if (round === 0) yield* block(pipe);
        collectGarbage();
        if (garbage.every((object, i) => object.text === `${index} ${i}`)) checked++;
      }
    },
    () => {
      for (let i = 0; i < 3; i++) collectGarbage();
    },
  );
  t.equal(checked, 100);
});

t.test('errors cross an op, and are caught where they are', async (t) => {
  const caught: unknown[] = [];
  runBlocked(3, function* (pipe, index) {
    try {
      try {
        yield* block(pipe);
        throw new Error(`thread ${index}`);
      } finally {
        yield* read(pipe.from, new Uint8Array(0));
      }
    } catch (error) {
      caught.push((error as Error).message);
    }
  });
  t.strictSame(caught.sort(), ['thread 0', 'thread 1', 'thread 2']);
});

t.test('promise jobs run when a VP leaves the isolate', async (t) => {
  const order: string[] = [];
  // Not from a promise job, as this test is: V8 does not run jobs inside of one.
  setImmediate(() =>
    runBlocked(1, function* (pipe) {
      void Promise.resolve().then(() => order.push('job'));
      order.push('before');
      yield* block(pipe);
      order.push('after');
    }),
  );
  await new Promise(setImmediate);
  t.strictSame(order, ['before', 'job', 'after']);
});

t.test('no VP sees what another has stored in an AsyncLocalStorage', async (t) => {
  const storage = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  storage.enterWith('home');
  runBlocked(3, function* (pipe, index) {
    seen.push(storage.getStore());
    yield* block(pipe);
    storage.enterWith(`thread ${index}`);
  });
  if (Number(process.versions.node.split('.')[0]) >= 24) t.strictSame(seen[0], undefined, 'not even what the home thread has');
  t.equal(storage.getStore(), 'home', 'and the home thread has its own again');
});

t.test('64 VPs take turns in one isolate', async (t) => {
  let most = 0;
  runBlocked(
    64,
    function* (pipe) {
      yield* block(pipe);
    },
    () => (most = kernelStatus().count.BLOCKED),
  );
  t.equal(most, 64);
  t.equal(vpCount(), 0, 'and none is left');
});

t.test('wasm code is collected while threads are archived', async (t) => {
  const source = Array.from({ length: 300 }, (_, i) => `interface I${i} { a: number } class C${i} { x: I${i} = { a: ${i} } }`).join('\n');
  let stripped = 0;
  runBlocked(
    2,
    function* (pipe) {
      yield* block(pipe);
      for (let i = 0; i < 4; i++) if (stripTypeScriptTypes(source).length > 0) stripped++;
    },
    () => void stripTypeScriptTypes(source),
  );
  t.equal(stripped, 8);
});
