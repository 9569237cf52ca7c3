/**
 * `13 COUNT op|addon`: figure 13, a system call that does not block, from JavaScript. op: by a thread of VPIthreads; addon: by a
 * plain function of an addon, without VPI.
 */

import { closeSync, openSync } from 'node:fs';
import { native } from '../../lib/native.ts';
import { close, open, read } from 'node-vpi/sys';
import { run, type OpGenerator } from 'node-vpi/threads';
import { now } from 'node-vpi';
import { check, readArguments, report, warmUpCalls, type Arguments } from './arguments.ts';
import { steady } from './steady.ts';

const byte = new Uint8Array(1);

/** `count` reads; milliseconds of them. */
function* reads(fd: number, count: number): OpGenerator<number> {
  let got = 0;
  const start = now();
  for (let i = 0; i < count; i++) got += yield* read(fd, byte);
  const time = now() - start;
  check(got === count, 'a read has not got its byte');
  return time;
}

function byThread({ count, warmUp }: Arguments): number {
  return run(function* () {
    const fd = yield* open('/dev/zero');
    for (let call = 0; call < warmUpCalls; call++) yield* reads(fd, warmUp);
    steady();
    const time = yield* reads(fd, count);
    yield* close(fd);
    return time;
  });
}

const systemCall = { read: 0 };

function byAddon({ count, warmUp }: Arguments): number {
  const fd = openSync('/dev/zero', 'r');
  const address = native.pin(byte);
  const calls = (count: number) => {
    let got = 0;
    const start = now();
    for (let i = 0; i < count; i++) got += native.syscall(systemCall.read, fd, address, 1);
    const time = now() - start;
    check(got === count, 'a read has not got its byte');
    return time;
  };
  for (let call = 0; call < warmUpCalls; call++) calls(warmUp);
  const time = calls(count);
  closeSync(fd);
  return time;
}

const given = readArguments(process.argv.slice(2), [13]);
const what = process.argv[4];
if (what !== 'op' && what !== 'addon') throw new RangeError(`the call must be made by op or addon, not ${what}`);
report(what === 'op' ? 'vpithreads-1' : 'addon', given, what === 'op' ? byThread(given) : byAddon(given));
