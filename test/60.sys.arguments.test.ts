/** `node-vpi/sys`: arguments that are none of a call's, found before any call. */

import t from 'tap';
import { encodeFlags } from '../lib/sys/flags.ts';
import { forget, isKnown, learn, stream, unknownRead } from '../lib/sys/hints.ts';
import {
  accept,
  close,
  connect,
  constants,
  eventfd,
  flock,
  getrandom,
  listen,
  nanosleep,
  open,
  poll,
  pread,
  pwrite,
  read,
  readFile,
  readv,
  recv,
  send,
  shutdown,
  waitpid,
  write,
  writeFile,
  writev,
} from '../lib/sys/index.ts';
import { constants as fs } from 'node:fs';
import { hereOp } from './here.ts';

/** Whatever types say: programs in JavaScript pass it all the same. */
const wrong = (value: unknown) => value as never;
const bytes = Buffer.alloc(8);

t.test('descriptors', async (t) => {
  const users = {
    close, accept, recv: (fd: number) => recv(fd, bytes), read: (fd: number) => read(fd, bytes), write: (fd: number) => write(fd, bytes),
    readv: (fd: number) => readv(fd, [bytes, bytes]), writev: (fd: number) => writev(fd, [bytes, bytes]), send: (fd: number) => send(fd, bytes),
    flock: (fd: number) => flock(fd, constants.LOCK_EX), shutdown: (fd: number) => shutdown(fd), poll: (fd: number) => poll([{ fd, events: 1 }]),
  };
  for (const [name, use] of Object.entries(users)) {
    for (const fd of [-1, 1.5, NaN, Infinity, 2 ** 31]) t.throws(() => use(fd), { name: 'RangeError', message: /\bfd must be a whole number from 0 to 2147483647/ }, `${name}(${fd})`);
    for (const fd of ['1', null, undefined, {}, true, 1n]) t.throws(() => use(wrong(fd)), { name: 'TypeError', message: /\bfd must be a number/ }, `${name}(${typeof fd})`);
  }
});

t.test('buffers', async (t) => {
  const users = { read: (view: never) => read(0, view), write: (view: never) => write(0, view), recv: (view: never) => recv(0, view), send: (view: never) => send(0, view),
    readv: (view: never) => readv(0, [bytes, view]), writev: (view: never) => writev(0, [view, bytes]), getrandom: (view: never) => getrandom(view), writeFile: (view: never) => writeFile('x', view) };
  const resizable = new ArrayBuffer(8, { maxByteLength: 16 });
  const growable = new SharedArrayBuffer(8, { maxByteLength: 16 });
  const [gone, goneView] = [new Uint8Array(8), new DataView(new ArrayBuffer(8))];
  structuredClone(null, { transfer: [gone.buffer, goneView.buffer] });
  for (const [name, use] of Object.entries(users)) {
    for (const value of [undefined, null, 7, {}, [], new ArrayBuffer(8)]) t.throws(() => use(wrong(value)), { name: 'TypeError', message: /must be a Buffer, a TypedArray or a DataView/ }, `${name}: no view`);
    for (const view of [new Uint8Array(resizable), new Uint8Array(resizable, 0, 4), new DataView(resizable), new Uint8Array(growable), new Float64Array(growable, 0, 1)]) {
      // Those that are first tried look when they begin, all others at once.
      const begin = () => (use(wrong(view)) as Iterator<unknown>).next();
      t.throws(['read', 'write', 'recv', 'send'].includes(name) ? begin : () => use(wrong(view)), { name: 'TypeError', message: /must not lie in a resizable buffer/ }, `${name}: resizable`);
    }
    for (const view of [gone, goneView]) t.throws(() => use(wrong(view)), { name: 'TypeError', message: /is detached/ }, `${name}: detached`);
  }
  for (const view of [new Uint8Array(), new DataView(new ArrayBuffer(0)), new Float64Array(2), new Uint8Array(new SharedArrayBuffer(8)), new DataView(new SharedArrayBuffer(8))]) t.ok(read(0, view));
  t.throws(() => readv(0, wrong(bytes)), { name: 'TypeError', message: /buffers must be an array/ });
  t.throws(() => readv(0, wrong([bytes, 1])), { message: /buffers\[1\] must be/ });
  t.throws(() => writev(0, new Array(1025).fill(bytes)), { name: 'RangeError', message: /at most 1024/ });
});

t.test('a buffer that goes away between the op and its call', async (t) => {
  for (const make of [(view: Uint8Array) => read(0, view), (view: Uint8Array) => readv(0, [view, bytes])]) {
    const view = new Uint8Array(64);
    const op = make(view);
    structuredClone(null, { transfer: [view.buffer] });
    t.throws(() => hereOp(op), { name: 'TypeError', message: /transferred after the op was made/ });
  }
});

t.test('offset, length and position', async (t) => {
  t.throws(() => read(0, bytes, 9), { name: 'RangeError', message: /offset must be a whole number from 0 to 8/ });
  t.throws(() => read(0, bytes, -1), { name: 'RangeError', message: /offset/ });
  t.throws(() => read(0, bytes, 4, 5), { name: 'RangeError', message: /length must be a whole number from 0 to 4/ });
  t.throws(() => write(0, bytes, wrong('1')), { name: 'TypeError', message: /offset must be a number/ });
  t.throws(() => getrandom(bytes, 0, 9), { name: 'RangeError', message: /length/ });
  for (const position of [-1, 0.5, 2 ** 53]) {
    t.throws(() => read(0, bytes, 0, 8, position), { name: 'RangeError', message: /position/ });
    t.throws(() => pread(0, bytes, position), { name: 'RangeError', message: /position/ });
    t.throws(() => pwrite(0, bytes, position), { name: 'RangeError', message: /position/ });
  }
  t.throws(() => pread(0, bytes, wrong(undefined)), { name: 'TypeError', message: /position must be a number/ });
  t.throws(() => write(0, 'text', 1), { name: 'TypeError', message: /a string is written whole/ });
  t.ok(read(0, bytes, null, null, null), 'null is as if it were not there, as in Node');
});

t.test('paths, flags and modes', async (t) => {
  for (const path of [undefined, 7, {}, ['x']]) t.throws(() => open(wrong(path)), { name: 'TypeError', message: /path must be/ });
  t.throws(() => open('a\0b'), { name: 'TypeError', message: /path must not contain a NUL/ });
  t.throws(() => open(Buffer.from('a\0b')), { name: 'TypeError', message: /NUL/ });
  t.throws(() => open('x', 'rw'), { name: 'TypeError', message: /flags must be a number or one of r, / });
  t.throws(() => open('x', 'constructor'), { name: 'TypeError', message: /flags/ });
  t.throws(() => open('x', -1), { name: 'RangeError', message: /flags/ });
  t.throws(() => open('x', 'r', 0o10000), { name: 'RangeError', message: /mode/ });
  t.throws(() => readFile('x', wrong('utf9')), { name: 'TypeError', message: /encoding/ });
  t.throws(() => writeFile('x', 'y', { encoding: wrong(1) }), { name: 'TypeError', message: /encoding/ });
  t.equal(encodeFlags('a+'), fs.O_RDWR | fs.O_CREAT | fs.O_APPEND);
  t.equal(encodeFlags('xw'), encodeFlags('wx'));
  t.equal(encodeFlags('sr+'), fs.O_RDWR | fs.O_SYNC);
  t.equal(encodeFlags(fs.O_NOFOLLOW), fs.O_NOFOLLOW);
});

t.test('addresses', async (t) => {
  for (const use of [connect, listen]) {
    for (const address of [undefined, null, 80, 'x']) t.throws(() => use(wrong(address)), { name: 'TypeError', message: /address must be/ });
    for (const host of ['localhost', '', '1.2.3', '1.2.3.4.5', '::g', 5]) t.throws(() => use({ port: 80, host: wrong(host) }), { name: 'TypeError', message: /address.host must be an IPv4 or IPv6 address/ });
    for (const port of [-1, 65536, 0.5]) t.throws(() => use({ port }), { name: 'RangeError', message: /address.port/ });
    t.throws(() => use(wrong({ port: '80' })), { name: 'TypeError', message: /address.port/ });
    t.throws(() => use(wrong({})), { name: 'TypeError', message: /address.port/ });
    t.throws(() => use({ path: '' }), { name: 'TypeError', message: /address.path/ });
    t.throws(() => use({ path: 'a\0b' }), { name: 'TypeError', message: /NUL/ });
    t.throws(() => use({ path: 'x'.repeat(108) }), { name: 'RangeError', message: /address.path must be at most 107 bytes/ });
    t.throws(() => use({ port: 80, host: 'fe80::1%eth0' }), { name: 'TypeError', message: /interface by its number/ });
  }
  t.throws(() => listen({ port: 0 }, { backlog: -1 }), { name: 'RangeError', message: /backlog/ });
});

t.test('the rest', async (t) => {
  for (const value of [-1, NaN, 2 ** 53]) t.throws(() => nanosleep(value), { name: 'RangeError', message: /nanoseconds/ });
  t.throws(() => nanosleep(wrong(1n)), { name: 'TypeError', message: /nanoseconds/ });
  for (const value of [-1, NaN]) t.throws(() => poll([], value), { name: 'RangeError', message: /timeout must be 0 or more milliseconds/ });
  t.throws(() => poll([], wrong('1')), { name: 'TypeError', message: /timeout/ });
  t.throws(() => poll(wrong({})), { name: 'TypeError', message: /requests must be an array/ });
  t.throws(() => poll([{ fd: 0, events: 0x10000 }]), { name: 'RangeError', message: /requests\[0\].events/ });
  t.throws(() => poll([{ fd: 0, events: 1 }, { fd: -1, events: 1 }]), { name: 'RangeError', message: /requests\[1\].fd/ });
  t.throws(() => flock(0, 16), { name: 'RangeError', message: /operation/ });
  t.throws(() => shutdown(0, 3), { name: 'RangeError', message: /how/ });
  t.throws(() => waitpid(1.5), { name: 'RangeError', message: /pid/ });
  t.throws(() => waitpid(1, 2), { name: 'RangeError', message: /options/ });
  t.throws(() => eventfd(-1), { name: 'RangeError', message: /initial/ });
  t.throws(() => eventfd(2 ** 32), { name: 'RangeError', message: /initial/ });
  t.throws(() => recv(0, bytes, -1), { name: 'RangeError', message: /flags/ });
});

t.test('what is remembered of descriptors', async (t) => {
  learn(9, unknownRead);
  learn(9, stream);
  t.ok(isKnown(9, unknownRead) && isKnown(9, stream));
  t.notOk(isKnown(8, stream));
  forget(9);
  t.notOk(isKnown(9, unknownRead) || isKnown(9, stream));
  learn(1 << 20, stream);
  t.notOk(isKnown(1 << 20, stream), 'one too high is not');
});
