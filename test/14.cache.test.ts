/** Locks, publishing and pruning: what is left when somebody is killed, who waits for whom, and what goes when. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import t from 'tap';
import { noteUse, pruneImages } from '../docker/kernel/images.ts';
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

t.test('old kernels go, but for the newest of their flavour and those in use', async (t) => {
  const directory = t.testdir();
  const name = (flavour: string, number: number) => `${flavour}-${String(number).padStart(24, '0')}`;
  const days = (number: number) => new Date(Date.now() - number * 24 * 3600 * 1000);
  const make = (flavour: string, number: number, used: Date) => {
    const path = join(directory, name(flavour, number));
    mkdirSync(path);
    writeFileSync(join(path, 'bzImage'), '');
    utimesSync(path, used, used);
  };
  for (let number = 0; number < 8; number++) make('release', number, days(2 + number));
  make('debug', 0, days(100));
  make('clean', 0, days(100));
  mkdirSync(join(directory, `.${name('release', 9)}.${process.pid}.abcdef`));
  utimesSync(join(directory, `.${name('release', 9)}.${process.pid}.abcdef`), days(100), days(100));

  t.equal(noteUse(join(directory, name('release', 7))), true, 'the oldest is wanted again');
  t.equal(noteUse(join(directory, name('release', 8))), false, 'there is none');
  pruneImages(directory, 'release');
  const left = [7, 0, 1, 2].map((number) => name('release', number));
  t.strictSame(readdirSync(directory).sort(), [...left, name('debug', 0), name('clean', 0), `.${name('release', 9)}.${process.pid}.abcdef`].sort());

  for (let number = 10; number < 20; number++) make('release', number, days(0.5));
  pruneImages(directory, 'release');
  const fresh = Array.from({ length: 10 }, (_, index) => name('release', 10 + index));
  const releases = readdirSync(directory).filter((entry) => entry.startsWith('release'));
  t.strictSame(releases.sort(), [name('release', 7), ...fresh].sort(), 'used within a day');
});
