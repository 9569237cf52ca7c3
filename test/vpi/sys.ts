/** `node-vpi/sys` on virtual processors: each call blocks for once, and the other threads go on meanwhile. */

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { VpiError, type OpGenerator } from 'node-vpi';
import {
  accept, close, connect, constants, eventfd, flock, fsync, getrandom, getsockname, lines, listen, nanosleep, open, pipe, poll, read, readFile, readv, recv, send,
  socketpair, waitpid, write, writeFile, writev,
} from 'node-vpi/sys';
import t, { type Results } from '../program.ts';
import { here, hereOp } from '../here.ts';
import { blockCount, runThreads, spawnThread, type Thread } from './round-robin.ts';

const directory = mkdtempSync('/tmp/vpi-sys-');
const { LOCK_EX, LOCK_UN, POLLIN } = constants;
const soon = 50e6;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

type Body = (t: Results) => OpGenerator;

/** `wait` blocks until `wake` has done something. */
function blocks(name: string, wait: Body, wake: Body): void {
  t.test(name, async (t) => {
    const events: string[] = [];
    runThreads(function* () {
      spawnThread(function* () {
        events.push('wakes');
        yield* wake(t);
      });
      events.push('waits');
      yield* wait(t);
      events.push('goes on');
    });
    t.strictSame(events, ['waits', 'wakes', 'goes on']);
    t.ok(blockCount() >= 1, 'the kernel has told of it');
  });
}

const [input, output] = hereOp(pipe());
const [left, right] = hereOp(socketpair());
const much = Buffer.alloc(300_000, 'm');

/** Reads `much` away. */
function* drain(fd: number): OpGenerator {
  const buffer = Buffer.alloc(100_000);
  for (let got = 0; got < much.length; ) got += yield* read(fd, buffer);
}

blocks(
  'read',
  function* (t) {
    const buffer = Buffer.alloc(64);
    t.equal(yield* read(input, buffer), 5);
    t.equal(buffer.toString('utf8', 0, 5), 'hello');
  },
  function* () {
    yield* write(output, 'hello');
  },
);

blocks(
  'readv',
  function* (t) {
    const [one, two] = [Buffer.alloc(2), Buffer.alloc(8)];
    t.equal(yield* readv(input, [one, two]), 5);
    t.equal(`${one.toString()}|${two.toString('utf8', 0, 3)}`, 'he|llo');
  },
  function* () {
    yield* writev(output, [Buffer.from('hel'), Buffer.from('lo')]);
  },
);

blocks(
  'write: all of it, although a pipe takes only a part at once',
  function* (t) {
    t.equal(yield* write(output, much), much.length);
  },
  () => drain(input),
);

blocks(
  'writev',
  function* (t) {
    t.equal(yield* writev(output, [much.subarray(0, 100_000), much.subarray(100_000)]), much.length);
  },
  () => drain(input),
);

blocks(
  'recv: as much as was asked for',
  function* (t) {
    t.equal(yield* recv(left, Buffer.alloc(4), constants.MSG_WAITALL), 4);
  },
  function* () {
    yield* send(right, 'ab');
    yield* nanosleep(soon);
    yield* send(right, 'cd');
  },
);

blocks(
  'send',
  function* (t) {
    t.equal(yield* send(left, much), much.length);
  },
  () => drain(right),
);

const server = here(listen({ path: join(directory, 'server') }));

blocks(
  'accept',
  function* (t) {
    const { fd, address } = yield* accept(server);
    t.strictSame(address, { path: '' });
    yield* close(fd);
  },
  function* () {
    yield* close(yield* connect({ path: join(directory, 'server') }));
  },
);

const crowded = here(listen({ path: join(directory, 'crowded') }, { backlog: 0 }));

t.test('connect, where nobody accepts', async (t) => {
  let connected = 0;
  runThreads(function* () {
    for (let i = 0; i < 3; i++) {
      spawnThread(function* () {
        yield* close(yield* connect({ path: join(directory, 'crowded') }));
        connected++;
      });
    }
    yield* nanosleep(soon);
    t.ok(connected < 3, 'there is no room for all');
    for (let i = 0; i < 3; i++) yield* close((yield* accept(crowded)).fd);
  });
  t.equal(connected, 3);
});

t.test('TCP', async (t) => {
  for (const host of ['127.0.0.1', '::1']) {
    let echoed = 0;
    runThreads(function* () {
      const listening = yield* listen({ port: 0, host });
      const address = yield* getsockname(listening);
      spawnThread(function* () {
        const fd = yield* connect(address);
        spawnThread(function* () {
          yield* send(fd, much);
        });
        const buffer = Buffer.alloc(50_000);
        while (echoed < much.length) echoed += yield* recv(fd, buffer);
        yield* close(fd);
      });
      const { fd, address: from } = yield* accept(listening);
      t.match(from, { host, port: Number });
      const buffer = Buffer.alloc(70_000);
      for (let count; (count = yield* recv(fd, buffer)) > 0; ) yield* send(fd, buffer.subarray(0, count));
      yield* close(fd);
      yield* close(listening);
    });
    t.equal(echoed, much.length);
  }
});

const fifo = join(directory, 'fifo');
execFileSync('mkfifo', [fifo]);

blocks(
  'open, of a FIFO',
  function* (t) {
    t.equal(yield* readFile(fifo, 'utf8'), 'through');
  },
  () => writeFile(fifo, 'through'),
);

blocks(
  'poll',
  function* (t) {
    t.strictSame(yield* poll([{ fd: input, events: POLLIN }]), [{ fd: input, revents: POLLIN }]);
    yield* read(input, Buffer.alloc(1));
    const begin = process.hrtime.bigint();
    t.strictSame(yield* poll([{ fd: input, events: POLLIN }], 50), [], 'with a timeout');
    t.ok(process.hrtime.bigint() - begin >= 50_000_000n);
  },
  function* () {
    yield* write(output, 'x');
  },
);

blocks(
  'nanosleep',
  function* (t) {
    const begin = process.hrtime.bigint();
    yield* nanosleep(soon);
    t.ok(process.hrtime.bigint() - begin >= BigInt(soon));
  },
  function* () {},
);

const counter = hereOp(eventfd());

blocks(
  'eventfd',
  function* (t) {
    const count = new BigUint64Array(1);
    t.equal(yield* read(counter, count), 8);
    t.equal(count[0], 7n);
  },
  function* () {
    yield* write(counter, BigUint64Array.of(7n));
  },
);

const locked = join(directory, 'locked');
writeFileSync(locked, '');

/** Starts a shell script, whose standard output is the pipe. */
function start(script: string): number {
  const child = spawn('/bin/sh', ['-c', script], { stdio: ['ignore', output, 'inherit'] });
  child.unref();
  return child.pid!;
}

t.test('flock, which another process has; and waitpid', async (t) => {
  let others = 0;
  let child: number;
  runThreads(function* () {
    child = start(`exec 9<${locked}; flock 9; echo locked; sleep 0.3; exit 3`);
    const buffer = Buffer.alloc(16);
    t.equal(buffer.toString('utf8', 0, yield* read(input, buffer)), 'locked\n');
    spawnThread(function* () {
      for (; others < 5; others++) yield* nanosleep(1e6);
    });
    const fd = yield* open(locked);
    yield* flock(fd, LOCK_EX);
    t.equal(others, 5, 'other threads went on');
    yield* flock(fd, LOCK_UN);
    yield* close(fd);
    t.strictSame(yield* waitpid(child), { pid: child, code: 3, signal: null });
    child = start('sleep 0.2; kill -9 $$');
    t.strictSame(yield* waitpid(child), { pid: child, code: null, signal: 'SIGKILL' });
    try {
      yield* waitpid(child);
    } catch (error) {
      t.match(error, { code: 'ECHILD' });
    }
  });
});

t.test('getrandom', async (t) => {
  runThreads(function* () {
    const buffer = Buffer.alloc(100_000);
    t.equal(yield* getrandom(buffer), buffer.length);
    t.equal(new Set(buffer).size, 256);
  });
});

t.test('many cold files at once', async (t) => {
  const sources = join(import.meta.dirname, '../../../lib/vpi');
  const names = readdirSync(sources);
  const texts = new Map<string, string>();
  writeFileSync('/proc/sys/vm/drop_caches', '3');
  runThreads(function* () {
    for (const name of names) {
      spawnThread(function* () {
        texts.set(name, yield* readFile(join(sources, name), 'utf8'));
      });
    }
  });
  t.ok(blockCount() > 0, `${blockCount()} blocks`);
  for (const name of names) t.ok(texts.get(name) === readFileSync(join(sources, name), 'utf8'), name);
});

t.test('writeFile and fsync', async (t) => {
  const path = join(directory, 'written');
  runThreads(function* () {
    yield* writeFile(path, much);
    const fd = yield* open(path, 'r+');
    yield* fsync(fd);
    yield* close(fd);
  });
  t.ok(readFileSync(path).equals(much));
});

blocks(
  'lines',
  function* (t) {
    const [from, to] = yield* pipe();
    spawnThread(function* () {
      for (const part of ['first\nsec', 'ond\r', '\n', 'grü', 'ße']) {
        yield* write(to, part);
        yield* nanosleep(5e6);
      }
      yield* close(to);
    });
    const all = [];
    const input = lines(from);
    for (let line; (line = yield* input.next()) !== undefined; ) all.push(line);
    t.strictSame(all, ['first', 'second', 'grüße']);
    yield* close(from);
  },
  function* () {},
);

t.test('a hundred threads', async (t) => {
  const rounds = 10;
  const count = 100;
  let received = 0;
  runThreads(function* () {
    // A ring: each passes on what it reads.
    const ring: [number, number][] = [];
    for (let i = 0; i < count; i++) ring.push(yield* pipe());
    for (let i = 0; i < count; i++) {
      spawnThread(function* () {
        const buffer = Buffer.alloc(8);
        for (let round = 0; round < rounds; round++) {
          yield* read(ring[i]![0], buffer);
          if (++received < count * rounds) yield* write(ring[(i + 1) % count]![1], 'x');
        }
      });
    }
    yield* nanosleep(soon);
    yield* write(ring[0]![1], 'x');
  });
  t.equal(received, count * rounds);
  t.ok(blockCount() >= count, `${blockCount()} blocks`);
});

t.test('a buffer that is transferred during the call', async (t) => {
  let count = 0;
  runThreads(function* () {
    spawnThread(function* () {
      const buffer = new Uint8Array(1 << 20);
      spawnThread(function* () {
        t.equal(structuredClone(buffer, { transfer: [buffer.buffer] }).length, 1 << 20);
        collectGarbage();
        yield* write(output, much.subarray(0, 50_000));
      });
      count = yield* read(input, buffer);
      t.equal(buffer.length, 0);
    });
  });
  t.equal(count, 50_000, 'its memory was still there');
});

t.test('errors', async (t) => {
  const codes: string[] = [];
  runThreads(function* () {
    const [gone, to] = yield* pipe();
    yield* close(gone);
    const failing: (() => OpGenerator)[] = [
      function* () { yield* open(join(directory, 'missing')); },
      function* () { yield* close(9999); },
      function* () { yield* read(9999, Buffer.alloc(1)); },
      function* () { yield* flock(9999, LOCK_EX); },
      function* () { yield* write(to, 'x'); },
      function* () { yield* connect({ port: 1 }); },
      function* () { yield* read(yield* open('/'), Buffer.alloc(1)); },
      function* () { yield* accept(left); },
    ];
    for (const fail of failing) {
      try {
        yield* fail();
      } catch (error) {
        if (!(error instanceof VpiError)) throw error;
        codes.push(`${error.syscall} ${error.code}`);
      }
    }
  });
  t.strictSame(codes, ['open ENOENT', 'close EBADF', 'read EBADF', 'flock EBADF', 'write EPIPE', 'connect ECONNREFUSED', 'read EISDIR', 'accept EINVAL']);
});

/** Runs `wait` as a thread, and `act` on it when it has blocked. */
function interrupting(wait: () => OpGenerator, act: (thread: Thread) => OpGenerator): void {
  runThreads(function* () {
    const thread = spawnThread(wait);
    yield* nanosleep(soon);
    yield* act(thread);
  });
}

t.test('cancellation', async (t) => {
  const waiting: Record<string, () => OpGenerator<unknown>> = {
    read: function* () { return yield* read(input, Buffer.alloc(1)); },
    accept: function* () { return yield* accept(server); },
    nanosleep: function* () { return yield* nanosleep(1e12); },
    poll: function* () { return yield* poll([], 1e6); },
    open: function* () { return yield* open(fifo); },
    lines: function* () { return yield* lines(input).next(); },
  };
  for (const [name, wait] of Object.entries(waiting)) {
    let cleaned = false;
    interrupting(
      function* () {
        try {
          yield* wait();
          t.fail(`${name} has returned`);
        } catch (error) {
          t.match(error, { message: 'cancelled' }, name);
        } finally {
          yield* nanosleep(1);
          cleaned = true;
        }
      },
      function* (thread) {
        thread.cancel(new Error('cancelled'));
      },
    );
    t.ok(cleaned, `${name}: what is in finally can wait`);
  }
});

t.test('EINTR comes out of nothing', async (t) => {
  let text = '';
  interrupting(
    function* () {
      const buffer = Buffer.alloc(16);
      text = buffer.toString('utf8', 0, yield* read(input, buffer));
    },
    function* (thread) {
      for (let i = 0; i < 3; i++) {
        thread.interrupt();
        yield* nanosleep(1e6);
      }
      yield* write(output, 'in spite of it');
    },
  );
  t.equal(text, 'in spite of it');

  const sleeps: Record<string, () => OpGenerator> = {
    nanosleep: () => function* () { yield* nanosleep(200e6); }(),
    poll: () => function* () { yield* poll([{ fd: input, events: POLLIN }], 200); }(),
  };
  for (const [name, sleep] of Object.entries(sleeps)) {
    let slept = 0;
    let interrupts = 0;
    interrupting(
      function* () {
        const begin = process.hrtime.bigint();
        yield* sleep();
        slept = Number(process.hrtime.bigint() - begin) / 1e6;
      },
      function* (thread) {
        for (; thread.op; interrupts++) {
          thread.interrupt();
          yield* nanosleep(40e6);
        }
      },
    );
    t.ok(slept >= 200, `${name} takes as long as it should, not less: ${slept} ms, ${interrupts} interrupts`);
    t.ok(interrupts > 0, 'and does not begin anew each time: then it would never end');
  }
});
