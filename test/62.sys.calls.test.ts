/** `node-vpi/sys` on the host: what calls do, each of them as if it had a VP to itself. */

import { spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync, readSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { native } from '../lib/native.ts';
import { isKnown, stream } from '../lib/sys/hints.ts';
import {
  accept, close, connect, constants, eventfd, fdatasync, flock, fsync, getrandom, getsockname, lines, listen, nanosleep, open, pipe, poll, pread, pwrite,
  read, readFile, readv, recv, send, shutdown, socketpair, waitpid, write, writeFile, writev,
} from '../lib/sys/index.ts';
import { numbers } from '../lib/sys/system-call-numbers.ts';
import type { VpiError } from '../lib/vpi/error.ts';
import { setBeforeOp, type KernelOp, type OpGenerator } from '../lib/vpi/op.ts';
import { callOf, here, hereOp } from './here.ts';

const EINTR = -4;
const EAGAIN = -11;
const EOPNOTSUPP = -95;

/** An op that has begun and must wait. */
function begun<T>(op: KernelOp<T>): KernelOp<T> {
  const step = op.next();
  if (step.done) throw new Error(`${op.name} was done at once`);
  return op;
}

t.test('files', async (t) => {
  const path = join(t.testdir(), 'file');
  here(
    (function* (): OpGenerator {
      const fd = yield* open(path, 'wx+', 0o640);
      t.equal(statSync(path).mode & 0o777, 0o640 & ~process.umask());
      t.equal(yield* write(fd, 'grüße'), 7);
      t.equal(yield* write(fd, Buffer.from('0123456789'), 2, 3), 3);
      t.equal(yield* pwrite(fd, 'G', 0), 1);
      t.equal(yield* writev(fd, [Buffer.from('a'), new Uint8Array(), new Uint16Array([0x6362])]), 3, 'the position is where it was');
      t.equal(yield* writev(fd, [Buffer.from('XY'), Buffer.from('Z')], 7), 3);
      yield* fsync(fd);
      yield* fdatasync(fd);
      t.equal(readFileSync(path, 'utf8'), 'GrüßeXYZabc');

      const buffer = Buffer.alloc(8);
      t.equal(yield* pread(fd, buffer, 7, 1, 3), 3);
      t.equal(buffer.toString('latin1'), '\0XYZ\0\0\0\0');
      t.equal(yield* read(fd, buffer), 0, 'at the end');
      t.equal(yield* read(fd, buffer, 0, 8, 0), 8);
      t.equal(yield* pread(fd, buffer, 100), 0, 'beyond the end');
      t.equal(yield* read(fd, new Uint8Array()), 0);
      const [one, two] = [new DataView(new ArrayBuffer(2)), Buffer.alloc(20)];
      t.equal(yield* readv(fd, [one, two], 0), 13);
      t.equal(one.getUint8(0), 'G'.charCodeAt(0));
      t.equal(two.toString('utf8', 0, 11), 'üßeXYZabc');
      t.equal(yield* readv(fd, [two]), 0);
      const shared = new Uint8Array(new SharedArrayBuffer(4), 1);
      t.equal(yield* pread(fd, shared, 0), 3);
      t.equal(shared[0], 'G'.charCodeAt(0));

      yield* close(fd);
      t.throws(() => fstatSync(fd), { code: 'EBADF' });
      yield* close(yield* open(pathToFileURL(path)));
      yield* close(yield* open(Buffer.from(path), 0));
    })(),
  );
});

t.test('errors', async (t) => {
  const missing = join(t.testdir(), 'missing');
  const attempts: [KernelOp<unknown> | OpGenerator<unknown>, { code: string } & Partial<VpiError>][] = [
    [open(missing), { name: 'VpiError', code: 'ENOENT', errno: -2, syscall: 'open', path: missing, message: `ENOENT: no such file or directory, open '${missing}'` }],
    [readFile(missing), { code: 'ENOENT', path: missing }],
    [open(t.testdirName, 'w'), { code: 'EISDIR' }],
    [close(99_999), { code: 'EBADF', syscall: 'close' }],
    [read(99_999, Buffer.alloc(1)), { code: 'EBADF', syscall: 'read', message: 'EBADF: bad file descriptor, read' }],
    [write(99_999, 'x'), { code: 'EBADF', syscall: 'write' }],
    [readv(99_999, [Buffer.alloc(1), Buffer.alloc(1)]), { code: 'EBADF', syscall: 'readv' }],
    [recv(0, Buffer.alloc(1)), { code: 'ENOTSOCK', syscall: 'recv' }],
    [waitpid(1), { code: 'ECHILD', syscall: 'waitpid' }],
    [connect({ port: 1 }), { code: 'ECONNREFUSED', syscall: 'connect', address: '127.0.0.1', port: 1, message: 'ECONNREFUSED: connection refused, connect 127.0.0.1:1' }],
    [connect({ path: missing }), { code: 'ENOENT', syscall: 'connect', path: missing }],
    [listen({ path: join(missing, 'socket') }), { code: 'ENOENT', syscall: 'bind' }],
  ];
  const descriptors = openDescriptors();
  for (const [thread, error] of attempts) {
    t.throws(() => here((function* () { yield* thread; })()), error);
  }
  t.equal(openDescriptors(), descriptors, 'sockets that came to nothing are closed');
});

function openDescriptors(): number {
  const lowest = openSync('/dev/null', 'r');
  closeSync(lowest);
  return lowest;
}

t.test('pipes, and what is remembered of them', async (t) => {
  here(
    (function* (): OpGenerator {
      const [input, output] = yield* pipe();
      const buffer = Buffer.alloc(100);
      t.equal(yield* write(output, 'abc'), 3);
      t.equal(yield* read(input, buffer), 3, 'less than asked for');
      t.ok(isKnown(input, stream));
      t.strictSame(callOf(begun(read(input, buffer)))!.slice(0, 2), [numbers.read, input]);
      yield* close(output);
      t.equal(yield* read(input, buffer), 0);
      yield* close(input);
      t.notOk(isKnown(input, stream), 'a number that is used again means something else');

      const [left, right] = yield* pipe();
      yield* close(left);
      t.throws(() => hereOp(write(right, 'x')), { code: 'EPIPE', syscall: 'write' });
      yield* close(right);
    })(),
  );
});

t.test('what is more than fits into a pipe waits with the rest', async (t) => {
  const [input, output] = hereOp(pipe());
  const much = Buffer.alloc(200_000, 'x');
  const op = begun(write(output, much));
  const [, , , length] = callOf(op)!;
  const written = much.length - length!;
  t.ok(written > 0 && written < much.length, `${written} bytes at once`);
  t.equal(length, callOf(op)![3], 'asked again, it asks for the same');
  op.receive(EINTR);
  t.notOk(op.isSettled);
  op.receive(1000);
  t.equal(hereOp(op), written + 1000);

  const failing = begun(write(output, much));
  failing.receive(-32);
  t.throws(() => hereOp(failing), { code: 'EPIPE' });
  const buffer = Buffer.alloc(much.length);
  t.ok(hereOp(read(input, buffer, 0, 5000)) > 0);
  const partly = begun(write(output, much));
  partly.receive(-32);
  t.ok(hereOp(partly) > 0, 'an error after a part is for the next call');
  [input, output].forEach((fd) => closeSync(fd));
});

t.test('eventfd', async (t) => {
  here(
    (function* (): OpGenerator {
      const count = new BigUint64Array(1);
      const fd = yield* eventfd(3);
      yield* write(fd, BigUint64Array.of(4n));
      t.equal(yield* read(fd, count), 8);
      t.equal(count[0], 7n);
      t.ok(begun(read(fd, count)), 'it waits for more');
      yield* close(fd);
      const semaphore = yield* eventfd(2, { semaphore: true });
      yield* read(semaphore, count);
      t.equal(count[0], 1n);
      yield* close(semaphore);
    })(),
  );
});

t.test('sockets', async (t) => {
  const path = join(t.testdir(), 's');
  here(
    (function* (): OpGenerator {
      for (const address of [{ port: 0, host: '127.0.0.1' }, { port: 0, host: '::1' }, { path }, { path: `\0vpi-${process.pid}` }]) {
        const server = yield* listen(address);
        const bound = yield* getsockname(server);
        if ('path' in bound) t.strictSame(bound, address);
        else t.match(bound, { host: address.host!, port: Number });
        const client = yield* connect(bound);
        const { fd, address: from } = yield* accept(server);
        t.strictSame(from, yield* getsockname(client));

        const buffer = Buffer.alloc(16);
        t.equal(yield* send(client, 'hello'), 5);
        t.equal(yield* recv(fd, buffer, constants.MSG_PEEK), 5);
        t.equal(yield* recv(fd, buffer, constants.MSG_DONTWAIT), 5);
        t.equal(buffer.toString('utf8', 0, 5), 'hello');
        t.throws(() => hereOp(recv(fd, buffer, constants.MSG_DONTWAIT)), { code: 'EAGAIN' });
        yield* send(client, 'ab');
        yield* send(client, 'cd');
        t.equal(yield* recv(fd, buffer.subarray(0, 4), constants.MSG_WAITALL), 4);
        t.strictSame(callOf(begun(recv(fd, buffer.subarray(0, 4), constants.MSG_WAITALL)))![0], numbers.recvfrom);
        yield* shutdown(client, constants.SHUT_WR);
        t.equal(yield* recv(fd, buffer), 0);
        yield* write(fd, 'still');
        t.equal(yield* read(client, buffer), 5);
        for (const socket of [client, fd, server]) yield* close(socket);
      }
      t.throws(() => here(listen({ path })), { code: 'EADDRINUSE', syscall: 'bind', path });

      const [one, other] = yield* socketpair();
      yield* write(one, '1');
      yield* write(other, '2');
      t.equal(yield* read(other, Buffer.alloc(9)), 1);
      yield* close(one);
      t.throws(() => hereOp(send(other, 'x')), { code: 'EPIPE', syscall: 'send' });
      yield* close(other);
    })(),
  );
});

t.test('connect() that is interrupted is waited for', async (t) => {
  const server = here(listen({ port: 0, host: '127.0.0.1' }));
  const address = hereOp(getsockname(server));
  const connecting = connect(address);
  const op = connecting.next().value as KernelOp<void>;
  const [number, fd, ...rest] = callOf(op)!;
  t.equal(number, numbers.connect);
  native.syscall(number!, fd!, ...rest);
  op.receive(EINTR);
  t.equal(callOf(op)![0], numbers.ppoll);
  op.receive(EINTR);
  const poll = callOf(op)!;
  t.equal(poll[0], numbers.ppoll, 'and goes on being waited for');
  op.receive(native.syscall(poll[0]!, ...poll.slice(1)));
  t.ok(op.isSettled);
  t.equal(here(connecting), fd);
  closeSync(fd!);
  closeSync(server);

  const failing = connect(address);
  const refused = failing.next().value as KernelOp<void>;
  const [, socket] = callOf(refused)!;
  refused.receive(EINTR);
  // In the background, as it were.
  native.syscall(72 /* fcntl */, socket!, 4 /* F_SETFL */, 0o4000 /* O_NONBLOCK */);
  const again = connect(address);
  const encoded = callOf(again.next().value as KernelOp<void>)!;
  native.syscall(numbers.connect, socket!, ...encoded.slice(2));
  t.throws(() => here(failing), { code: 'ECONNREFUSED', address: '127.0.0.1' });
  t.throws(() => again.throw(new Error('cancelled')), { message: 'cancelled' });
  t.throws(() => fstatSync(encoded[1]!), { code: 'EBADF' }, 'a thread that is cancelled leaves no socket');

  const within = connect({ path: '\0nobody' }).next().value as KernelOp<void>;
  callOf(within);
  within.receive(EINTR);
  t.equal(callOf(within)![0], numbers.connect, 'within the machine it is asked for again');
});

t.test('close() that is interrupted is not repeated', async (t) => {
  const op = begun(close(50));
  callOf(op);
  op.receive(EINTR);
  t.ok(op.isSettled);
  t.equal(hereOp(op), undefined);
});

t.test('close() closes, also where the thread is told in its place that it was cancelled', async (t) => {
  const [input, output] = hereOp(pipe());
  const cancel = new Error('cancelled');
  setBeforeOp(() => {
    throw cancel;
  });
  t.throws(() => hereOp(close(output)), cancel);
  setBeforeOp(undefined);
  t.equal(hereOp(read(input, Buffer.alloc(1))), 0, 'nobody can write any more');
  hereOp(close(input));
});

t.test('time keeps going when a call is interrupted', async (t) => {
  const before = native.now();
  hereOp(nanosleep(3e6));
  t.ok(native.now() - before >= 3e6);
  t.equal(hereOp(nanosleep(0)), undefined);

  const sleep = begun(nanosleep(1e9));
  const deadline = timeOf(sleep);
  sleep.receive(EINTR);
  t.equal(timeOf(sleep), deadline);

  const waiting = begun(poll([], 1000));
  const first = timeOf(waiting);
  hereOp(nanosleep(5e6));
  waiting.receive(EINTR);
  const second = timeOf(waiting);
  t.ok(first - second >= 5e6, 'poll() waits for the rest');
  t.notOk(waiting.tryAgain());
  t.ok(timeOf(waiting) <= second, 'which another attempt does not change');
  t.notOk(sleep.tryAgain());
  t.equal(timeOf(sleep), deadline);
  t.strictSame(hereOp(poll([], 2)), []);
  t.equal(callOf(begun(poll([])))![3], 0, 'for ever');
});

/** The nanoseconds of the timespec that a call of nanosleep() or poll() points to. */
function timeOf(op: KernelOp<unknown>): number {
  return timeAt(callOf(op)![3]!);
}

/** Memory of this process by its address: the kernel copies it through a pipe, which it allows in a container, too. */
function timeAt(address: number): number {
  const [input, output] = hereOp(pipe());
  const words = new BigInt64Array(2);
  const count = native.syscall(numbers.write, output, address, words.byteLength);
  if (count !== words.byteLength) throw new Error(`write: ${count}`);
  readSync(input, words);
  [input, output].forEach((fd) => closeSync(fd));
  return Number(words[0]) * 1e9 + Number(words[1]);
}

t.test('poll', async (t) => {
  const [input, output] = hereOp(pipe());
  const { POLLIN, POLLOUT, POLLHUP, POLLNVAL } = constants;
  const requests = [{ fd: input, events: POLLIN }, { fd: output, events: POLLOUT }];
  t.strictSame(hereOp(poll(requests)), [{ fd: output, revents: POLLOUT }]);
  t.strictSame(hereOp(poll(requests.slice(0, 1), 0)), []);
  t.strictSame(hereOp(poll(requests.slice(0, 1), 1.5)), []);
  hereOp(write(output, 'x'));
  t.strictSame(hereOp(poll(requests, 0)).length, 2);
  t.strictSame(hereOp(poll([{ fd: 77_777, events: 0 }])), [{ fd: 77_777, revents: POLLNVAL }]);
  const many = new Array(1000).fill({ fd: input, events: POLLIN });
  t.equal(hereOp(poll(many, 10)).length, 1000, 'more than there is room for at once');
  closeSync(output);
  t.strictSame(hereOp(poll([{ fd: input, events: 0 }])), [{ fd: input, revents: POLLHUP }]);
  closeSync(input);
});

t.test('flock', async (t) => {
  const path = join(t.testdir({ file: '' }), 'file');
  const [one, other] = [openSync(path, 'r'), openSync(path, 'r')];
  const { LOCK_EX, LOCK_SH, LOCK_NB, LOCK_UN } = constants;
  hereOp(flock(one, LOCK_EX));
  t.throws(() => hereOp(flock(other, LOCK_SH | LOCK_NB)), { code: 'EAGAIN', syscall: 'flock' });
  hereOp(flock(one, LOCK_UN));
  hereOp(flock(other, LOCK_SH));
  [one, other].forEach((fd) => closeSync(fd));
});

t.test('waitpid', async (t) => {
  const start = (script: string) => {
    const child = spawn('/bin/sh', ['-c', script], { stdio: 'ignore' });
    child.unref();
    return child.pid!;
  };
  const pid = start('sleep 0.2; exit 3');
  t.equal(hereOp(waitpid(pid, constants.WNOHANG)), undefined);
  t.strictSame(hereOp(waitpid(pid)), { pid, code: 3, signal: null });
  const killed = start('kill -TERM $$');
  t.strictSame(hereOp(waitpid(killed)), { pid: killed, code: null, signal: 'SIGTERM' });
});

t.test('getrandom', async (t) => {
  for (const length of [0, 1, 256, 257, 100_000]) {
    const buffer = Buffer.alloc(length + 2);
    t.equal(hereOp(getrandom(buffer, 1, length)), length);
    t.equal(buffer[0]! + buffer[length + 1]!, 0);
    if (length >= 256) t.ok(new Set(buffer).size > 100, 'it is not always the same');
  }
  const large = begun(getrandom(Buffer.alloc(1000)));
  const [, address] = callOf(large)!;
  large.receive(300);
  t.strictSame(callOf(large)!.slice(1, 3), [address! + 300, 700], 'a part is not all');
});

t.test('whole files', async (t) => {
  const directory = t.testdir({ small: 'grüße\n', empty: '' });
  const large = Buffer.alloc(3_000_000);
  for (let i = 0; i < large.length; i++) large[i] = i % 251;
  const path = (name: string) => join(directory, name);
  const descriptors = openDescriptors();
  t.equal(here(readFile(path('small'), 'utf8')), 'grüße\n');
  t.equal(here(readFile(path('small'), { encoding: 'hex' })), Buffer.from('grüße\n').toString('hex'));
  t.strictSame(here(readFile(path('empty'))), Buffer.alloc(0));
  t.ok(here(readFile('/proc/self/status', 'utf8')).includes('Threads:'), 'a file that does not know its size');
  here(writeFile(path('large'), large));
  t.ok(readFileSync(path('large')).equals(large));
  t.ok(here(readFile(path('large'))).equals(large));
  here(writeFile(path('small'), 'ff', 'hex'));
  t.strictSame(readFileSync(path('small')), Buffer.from([0xff]));
  here(writeFile(path('small'), 'more', { flag: 'a', mode: 0o600 }));
  t.equal(statSync(path('small')).size, 5);
  t.throws(() => here(writeFile(path('small'), 'x', { flag: 'wx' })), { code: 'EEXIST' });
  t.throws(() => here(readFile(directory)), { code: 'EISDIR', syscall: 'read' });
  t.equal(openDescriptors(), descriptors, 'all are closed again');

  const fd = openSync(path('large'), 'r');
  hereOp(read(fd, Buffer.alloc(10)));
  t.equal(here(readFile(fd)).length, large.length - 10);
  t.ok(fstatSync(fd));
  closeSync(fd);
});

t.test('an attempt that stops short', async (t) => {
  const path = join(t.testdir({ file: '0123456789' }), 'file');
  const fd = hereOp(open(path, 'r+'));
  const [input, output] = hereOp(pipe());
  // eslint-disable-next-line @typescript-eslint/unbound-method -- they are the addon's functions, which have no `this`
  const { attemptRead, attemptWrite } = native;
  t.teardown(() => {
    Object.assign(native, { attemptRead, attemptWrite });
    [fd, input, output].forEach((fd) => closeSync(fd));
  });
  const buffer = Buffer.alloc(16);
  let calls = 0;

  // Of any file system, also of those that cannot tell whether a read would wait.
  const readFour: typeof attemptRead = (fd, view, length, position) => readSync(fd, new Uint8Array(view.buffer, view.byteOffset, Math.min(4, length)), { position: position < 0 ? null : position });
  native.attemptRead = (fd, view, length, position) => (calls++, readFour(fd, view, length, position));
  for (const position of [null, 0]) {
    calls = 0;
    t.equal(hereOp(read(fd, buffer, 1, 8, position)), 8, 'of a file there is more');
    t.equal(buffer.toString('latin1', 1, 9), '01234567');
    t.equal(calls, 2);
  }
  t.equal(hereOp(pread(fd, buffer, 8)), 2, 'until it ends');
  hereOp(write(output, '01234567'));
  t.equal(hereOp(read(input, buffer)), 4, 'of a pipe there may be none for a long time');

  native.attemptRead = (fd, view, length, position) => (calls++ % 2 ? EAGAIN : readFour(fd, view, length, position));
  calls = 0;
  const op = begun(pread(fd, buffer, 2, 0, 6));
  t.strictSame(callOf(op)!.slice(3, 5), [2, 6], 'what is not in memory is waited for');
  t.equal(hereOp(op), 6);
  t.equal(buffer.toString('latin1', 0, 6), '234567');

  native.attemptRead = native.attemptWrite = () => (calls++, EOPNOTSUPP);
  calls = 0;
  for (let i = 0; i < 3; i++) t.equal(hereOp(pread(fd, buffer, 0)), 10);
  t.equal(calls, 1, 'it is not tried again where it is of no use');
  for (let i = 0; i < 3; i++) t.equal(hereOp(pwrite(fd, 'x', i)), 1);
  t.equal(calls, 2, 'which is another matter for writes');
});

t.test('lines', async (t) => {
  const long = 'x'.repeat(200_000);
  const cases: Record<string, string[]> = {
    '': [], '\n': [''], 'a': ['a'], 'a\n': ['a'], 'a\r\nb\n\nc': ['a', 'b', '', 'c'], 'ü\rß\n': ['ü\rß'], [`${long}\r\n${long}`]: [long, long],
    [`${'x'.repeat(65_535)}ü\nz\r`]: [`${'x'.repeat(65_535)}ü`, 'z'], [`${'x'.repeat(65_535)}\r\n`]: ['x'.repeat(65_535)],
  };
  for (const [text, expected] of Object.entries(cases)) {
    const path = join(t.testdir(), 'text');
    writeFileSync(path, text);
    const fd = openSync(path, 'r');
    t.strictSame(here(allLines(fd)), expected, JSON.stringify(text.slice(0, 20)));
    closeSync(fd);
  }
});

function* allLines(fd: number): OpGenerator<string[]> {
  const input = lines(fd);
  const all = [];
  for (let line; (line = yield* input.next()) !== undefined; ) all.push(line);
  return all;
}

t.test('a result that comes after a cancellation is not lost', async (t) => {
  const [input] = hereOp(pipe());
  const op = begun(read(input, Buffer.alloc(8)));
  op.reject(new Error('cancelled'));
  op.receive(EINTR);
  t.throws(() => hereOp(op), { message: 'cancelled' });
  const late = begun(read(input, Buffer.alloc(8)));
  late.reject(new Error('cancelled'));
  late.receive(5);
  t.equal(hereOp(late), 5);
});
