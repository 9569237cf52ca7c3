/** Locks and publishing: what is left when somebody is killed, and who waits for whom. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import t from 'tap';
import { temporaryDirectory } from '../docker/leftovers.ts';
import { Lock } from '../docker/lock.ts';
import { publishDirectory } from '../docker/publish.ts';

t.test('a lock is waited for, and released by the death of its holder', async (t) => {
  const path = join(t.testdir(), 'lock');
  const holder = spawn('flock', [path, 'sh', '-c', 'echo held; exec cat'], { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  await once(holder.stdout, 'data');
  let waited = false;
  const acquired = Lock.acquire(path, () => {
    waited = true;
    process.kill(-holder.pid!, 'SIGKILL');
  });
  using lock = await acquired;
  t.equal(waited, true);
  t.ok(lock.fd > 2);
});

t.test('a free lock is taken at once, by one only', async (t) => {
  const path = join(t.testdir(), 'lock');
  const first = await Lock.acquire(path, () => t.fail('nobody has it'));
  let released = false;
  using second = await Lock.acquire(path, () => {
    released = true;
    first[Symbol.dispose]();
  });
  t.equal(released, true, 'the second waited for the first');
  t.ok(second);
});

t.test('a directory appears whole or not at all', async (t) => {
  const parent = t.testdir();
  const place = join(parent, 'result');
  const failing = publishDirectory(place, (temporary) => {
    writeFileSync(join(temporary, 'half'), '');
    throw new Error('stop');
  });
  await t.rejects(failing, { message: 'stop' });
  t.strictSame(readdirSync(parent), []);
  await publishDirectory(place, (temporary) => writeFileSync(join(temporary, 'whole'), ''));
  t.strictSame(readdirSync(parent), ['result']);
  t.strictSame(readdirSync(place), ['whole']);
});

t.test('what a killed process left is removed, what a living one makes is not', async (t) => {
  const parent = t.testdir();
  const dead = spawn('true');
  await once(dead, 'exit');
  const left = join(parent, `.result.${dead.pid}.abcdef`);
  const living = join(parent, `.result.${process.pid}.abcdef`);
  mkdirSync(left);
  mkdirSync(living);
  await publishDirectory(join(parent, 'result'), () => {});
  t.equal(existsSync(left), false);
  t.equal(existsSync(living), true);
});

t.test('so it is with temporary directories, by name', async (t) => {
  const parent = t.testdir();
  const dead = spawn('true');
  await once(dead, 'exit');
  for (const name of [`vpi.${dead.pid}.abcdef`, `vpi-patch.${dead.pid}.abcdef`, `vpi.${process.pid}.abcdef`, 'vpi.socket', 'vpi.conf.d']) {
    mkdirSync(join(parent, name));
  }
  const made = basename(temporaryDirectory(parent, 'vpi'));
  t.match(made, new RegExp(`^vpi\\.${process.pid}\\.\\w{6}$`));
  const expected = [made, `vpi-patch.${dead.pid}.abcdef`, `vpi.${process.pid}.abcdef`, 'vpi.socket', 'vpi.conf.d'];
  t.strictSame(readdirSync(parent).sort(), expected.sort());
});

t.test("what another user's process left is not touched", { skip: process.getuid!() !== 0 && 'needs root' }, async (t) => {
  const parent = t.testdir();
  const dead = spawn('true');
  await once(dead, 'exit');
  const theirs = join(parent, `vpi.${dead.pid}.abcdef`);
  mkdirSync(theirs);
  chownSync(theirs, 12345, 12345);
  temporaryDirectory(parent, 'vpi');
  t.equal(existsSync(theirs), true);
});
