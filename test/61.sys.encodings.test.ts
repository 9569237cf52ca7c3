/** `node-vpi/sys`: what it writes into memory for the kernel, and how it reads the kernel's. */

import { spawnSync } from 'node:child_process';
import { endianness } from 'node:os';
import t from 'tap';
import { native } from '../lib/native.ts';
import { checkedAddress, decodeAddress, encodeAddress, errorDetails } from '../lib/sys/address.ts';
import { decodePollResults, encodePollRequests } from '../lib/sys/poll.ts';
import { decodeStatus } from '../lib/sys/process.ts';
import { encodePath } from '../lib/sys/path.ts';
import { encodeTimespec } from '../lib/sys/time.ts';
import { encodeVector } from '../lib/sys/vector.ts';

t.equal(endianness(), 'LE');

const internet: [host: string, port: number, encoded: string][] = [
  ['127.0.0.1', 80, '02000050 7f000001 0000000000000000'],
  ['255.254.0.1', 65535, '0200ffff fffe0001 0000000000000000'],
  ['::', 0, '0a000000 00000000 00000000000000000000000000000000 00000000'],
  ['::1', 8080, '0a001f90 00000000 00000000000000000000000000000001 00000000'],
  ['2001:db8::ff00:42:8329', 443, '0a0001bb 00000000 20010db8000000000000ff0000428329 00000000'],
  ['1:2:3:4:5:6:7:8', 1, '0a000001 00000000 00010002000300040005000600070008 00000000'],
  ['fe80::', 1, '0a000001 00000000 fe800000000000000000000000000000 00000000'],
  ['::ffff:192.0.2.33', 1, '0a000001 00000000 00000000000000000000ffffc0000221 00000000'],
  ['fe80::1%7', 1, '0a000001 00000000 fe800000000000000000000000000001 07000000'],
];

t.test('internet addresses', async (t) => {
  for (const [host, port, encoded] of internet) {
    t.equal(encodeAddress({ host, port }).toString('hex'), encoded.replaceAll(' ', ''), `${host} there`);
    t.strictSame(decodeAddress(Buffer.from(encoded.replaceAll(' ', ''), 'hex')), { host, port }, `${host} and back`);
  }
  t.strictSame(decodeAddress(encodeAddress({ host: '0:0:0:0:0:0:0:1', port: 1 })), { host: '::1', port: 1 });
  t.strictSame(checkedAddress({ port: 5 }, '0.0.0.0'), { host: '0.0.0.0', port: 5 });
});

t.test('addresses within the machine', async (t) => {
  t.equal(encodeAddress({ path: '/ü' }).toString('hex'), '0100' + '2fc3bc' + '00');
  t.equal(encodeAddress({ path: '\0name' }).toString('hex'), '0100' + '006e616d65', 'an abstract one has no NUL at its end');
  t.equal(encodeAddress({ path: 'x'.repeat(107) }).length, 110);
  for (const path of ['/ü', '\0name', 'x'.repeat(107)]) t.strictSame(decodeAddress(encodeAddress({ path })), { path });
  t.strictSame(decodeAddress(Buffer.from('0100', 'hex')), { path: '' }, 'one without');
  t.strictSame(errorDetails({ path: 'p' }), { path: 'p' });
  t.strictSame(errorDetails({ host: '::1', port: 7 }), { address: '::1', port: 7 });
});

t.test('times', async (t) => {
  t.strictSame(encodeTimespec(0), BigInt64Array.of(0n, 0n));
  t.strictSame(encodeTimespec(1.5e9), BigInt64Array.of(1n, 500_000_000n));
  t.strictSame(encodeTimespec(999_999_999.9), BigInt64Array.of(0n, 999_999_999n));
  t.strictSame(encodeTimespec(Number.MAX_SAFE_INTEGER), BigInt64Array.of(9_007_199n, 254_740_991n));
});

t.test('poll', async (t) => {
  const words = encodePollRequests([{ fd: 1, events: 0x2001 }, { fd: 0x12345678, events: 4 }]);
  const encoded = Buffer.from(words.buffer);
  t.equal(encoded.toString('hex'), '01000000 0120 0000 78563412 0400 0000'.replaceAll(' ', ''));
  encoded.writeUInt16LE(0x20, 14);
  t.strictSame(decodePollResults(words, 2), [{ fd: 0x12345678, revents: 0x20 }]);
  encodePollRequests([{ fd: 1, events: 1 }, { fd: 2, events: 1 }], words);
  t.strictSame(decodePollResults(words, 2), [], 'what was in the memory before does not count');
});

t.test('vectors and paths', async (t) => {
  const [a, b] = [new Uint8Array(100), new Uint8Array(new ArrayBuffer(64), 8, 16)];
  t.strictSame(encodeVector([a, b]), BigUint64Array.of(BigInt(native.pin(a)), 100n, BigInt(native.pin(b)), 16n));
  t.strictSame(encodeVector([]), new BigUint64Array());
  t.equal(native.pin(b), native.pin(new Uint8Array(b.buffer)) + 8);
  t.strictSame(encodePath('/ü'), Buffer.from('/ü\0'));
  t.strictSame(encodePath(Buffer.from([0xff])), Buffer.from([0xff, 0]), 'a name need not be UTF-8');
  t.strictSame(encodePath(new URL('file:///a%20b')), Buffer.from('/a b\0'));
});

t.test('how children end', async (t) => {
  t.strictSame(decodeStatus(7, 3 << 8), { pid: 7, code: 3, signal: null });
  t.strictSame(decodeStatus(7, 9), { pid: 7, code: null, signal: 'SIGKILL' });
  t.strictSame(decodeStatus(7, 11 | 0x80), { pid: 7, code: null, signal: 'SIGSEGV' }, 'with a core dump');
  t.strictSame(decodeStatus(7, 40), { pid: 7, code: null, signal: 'SIG40' }, 'one that has no name');
  t.equal(spawnSync('/bin/sh', ['-c', 'kill -9 $$']).signal, decodeStatus(1, 9).signal, 'as Node says it');
});
