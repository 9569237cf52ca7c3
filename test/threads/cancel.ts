/** Cancellation of everything in which a thread can wait: it ends there, `finally` blocks may wait, and nothing is left behind. */

import { execFileSync, spawn } from 'node:child_process';
import { fstatSync, mkdtempSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { native } from '../../lib/native.ts';
import {
  accept, close, connect, constants, eventfd, flock, getsockname, lines, listen, nanosleep, open, poll, read, readFile, readv, recv, send, socketpair, waitpid, write, writeFile, writev,
} from 'node-vpi/sys';
import { numbers } from '../../lib/sys/system-call-numbers.ts';
import { Barrier, CancelledError, Condition, Mutex, run, Semaphore, sleep, Thread, yieldNow, type OpGenerator } from 'node-vpi/threads';
import { here, hereOp } from '../here.ts';
import t from '../program.ts';
import { makePipe } from '../vpi/pipes.ts';

const directory = mkdtempSync('/tmp/vpi-cancel-');
/** Two, that those who read and those who write do not meet. */
const [fifo, otherFifo] = ['fifo', 'other'].map((name) => join(directory, name)) as [string, string];
execFileSync('mkfifo', [fifo, otherFifo]);
const locked = join(directory, 'locked');
writeFileSync(locked, '');

const empty = makePipe();
const full = makePipe();
/** One end each of two pairs, that what is sent is not received. */
const [[silent], [unheard]] = [hereOp(socketpair()), hereOp(socketpair())];
const counter = hereOp(eventfd());
const server = here(listen({ path: join(directory, 'server') }));
here(listen({ path: join(directory, 'crowded') }, { backlog: 0 }));
here(connect({ path: join(directory, 'crowded') }));
const holder = hereOp(open(locked));
hereOp(flock(holder, constants.LOCK_EX));
const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
child.unref();
process.on('exit', () => child.kill());
const much = Buffer.alloc(1 << 20);

type Wait = () => OpGenerator<unknown>;

const inKernel: Record<string, Wait> = {
  *read() { yield* read(empty.from, Buffer.alloc(1)); },
  *readv() { yield* readv(empty.from, [Buffer.alloc(1), Buffer.alloc(1)]); },
  *'read, of an eventfd'() { yield* read(counter, Buffer.alloc(8)); },
  *write() { yield* write(full.to, much); },
  *writev() { yield* writev(full.to, [much, much]); },
  *recv() { yield* recv(silent, Buffer.alloc(1)); },
  *send() { yield* send(unheard, much); },
  *accept() { yield* accept(server); },
  *connect() { yield* connect({ path: join(directory, 'crowded') }); },
  *open() { yield* open(fifo); },
  *readFile() { yield* readFile(fifo); },
  *writeFile() { yield* writeFile(otherFifo, much); },
  *lines() { yield* lines(empty.from).next(); },
  *flock() { const fd = yield* open(locked); try { yield* flock(fd, constants.LOCK_EX); } finally { yield* close(fd); } },
  *poll() { yield* poll([{ fd: empty.from, events: constants.POLLIN }]); },
  *nanosleep() { yield* nanosleep(1e15); },
  *waitpid() { yield* waitpid(child.pid!); },
};

const withoutKernel: Record<string, Wait> = {
  *sleep() { yield* sleep(1e9); },
  *'Mutex.lock()'() { yield* (yield* lockedMutex()).lock(); },
  *'Mutex.lockFor()'() { yield* (yield* lockedMutex()).lockFor(1e9); },
  *'Condition.wait()'() { const mutex = new Mutex(); yield* mutex.lock(); yield* new Condition().wait(mutex); },
  *'Condition.waitFor()'() { const mutex = new Mutex(); yield* mutex.lock(); yield* new Condition().waitFor(mutex, 1e9); },
  *'Semaphore.acquire()'() { yield* new Semaphore(0).acquire(); },
  *'Semaphore.acquireFor()'() { yield* new Semaphore(0).acquireFor(1e9); },
  *'Barrier.wait()'() { yield* new Barrier(2).wait(); },
  *'Thread.join()'() { const other = Thread.create(function* () { yield* sleep(1e9); }); try { yield* other.join(); } finally { other.cancel(); } },
};

/** One that its owner has taken with it into its grave. */
function* lockedMutex(): OpGenerator<Mutex> {
  const mutex = new Mutex();
  yield* Thread.create(function* () { yield* mutex.lock(); }).join();
  return mutex;
}

/** Until it waits, however long that takes. BLOCKED need not have come: an interrupt is not missed for that. */
function* untilBlocked(thread: Thread): OpGenerator {
  while (thread.state === 'ready') yield* yieldNow();
}

/** Cancels it, and gives the reason that comes out of it, or whatever else does. */
function* outcome(thread: Thread, reason: string): OpGenerator<unknown> {
  thread.cancel(reason);
  try {
    return yield* thread.join();
  } catch (error) {
    return error instanceof CancelledError ? error.reason : error;
  }
}

/** What comes of `wait` if it is cancelled while it waits. */
function* cancelled(wait: Wait): OpGenerator<unknown> {
  let isCleaned = false;
  const thread = Thread.create(function* () {
    try {
      yield* wait();
    } finally {
      yield* sleep(0.1);
      yield* nanosleep(1000);
      isCleaned = true;
    }
  });
  yield* untilBlocked(thread);
  const reason = yield* outcome(thread, 'enough');
  return isCleaned ? reason : 'not cleaned';
}

/**
 * Descriptors of this process, and what they are of. Without those that close while this looks: its own, and the file from
 * which a new kernel thread's malloc() has the number of CPUs.
 */
const descriptors = (): string[] => readdirSync('/proc/self/fd').map(targetOf).filter((target) => !/^\d+ (\/sys|\/proc|$)/.test(target));

function targetOf(fd: string): string {
  try {
    return `${fd} ${readlinkSync(`/proc/self/fd/${fd}`)}`;
  } catch {
    return `${fd} `;
  }
}

t.test('in the kernel', (t) => {
  run(function* () {
    for (const [name, wait] of Object.entries(inKernel)) {
      const before = descriptors();
      t.equal(yield* cancelled(wait), 'enough', name);
      t.strictSame(descriptors(), before, `${name} leaves no descriptor`);
    }
  });
});

t.test('before it begins', (t) => {
  run(function* () {
    for (const [name, wait] of Object.entries({ ...inKernel, ...withoutKernel })) {
      t.equal(yield* outcome(Thread.create(wait), 'at once'), 'at once', name);
    }
  });
});

t.test('without the kernel', (t) => {
  run(function* () {
    for (const [name, wait] of Object.entries(withoutKernel)) t.equal(yield* cancelled(wait), 'enough', name);
  });
});

t.test('a hundred at once, in every state', (t) => {
  const waits = Object.entries({ ...inKernel, ...withoutKernel });
  const before = descriptors().length;
  const reasons = new Set<unknown>();
  run(function* () {
    const threads = Array.from({ length: 100 }, (_, i) => Thread.create(waits[i % waits.length]![1]));
    for (let i = 0; i < 10; i++) yield* yieldNow();
    for (const thread of threads) thread.cancel('all');
    for (const thread of threads) reasons.add(yield* outcome(thread, 'once more'));
  });
  t.strictSame([...reasons], ['all']);
  t.equal(descriptors().length, before);
});

t.test('close() is made to its end', (t) => {
  run(function* () {
    const tcp = yield* listen({ port: 0, host: '127.0.0.1' });
    const fd = yield* connect(yield* getsockname(tcp));
    const oneSecond = Int32Array.of(1, 1);
    t.equal(native.syscall(numbers.setsockopt, fd, 1 /* SOL_SOCKET */, 13 /* SO_LINGER */, native.pin(oneSecond), oneSecond.byteLength), 0);
    // Nobody reads, so what is sent stays, and close() lingers.
    const sender = Thread.create(function* () { for (;;) yield* send(fd, much); });
    yield* untilBlocked(sender);
    t.equal(yield* outcome(sender, 'sent'), 'sent');
    const thread = Thread.create(function* () {
      yield* close(fd);
      t.throws(() => fstatSync(fd), { code: 'EBADF' }, 'it is closed');
      yield* yieldNow();
    });
    yield* untilBlocked(thread);
    t.equal(yield* outcome(thread, 'closed'), 'closed', 'the cancellation comes with the next op');
    yield* close(tcp);
  });
});
