/** `npm run bench:check`: a regression is seen, and the figures that are kept are those of this tree. */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { compare, isRegression, printed } from '../bench/check/compare.ts';
import { packageRoot } from '../docker/tree.ts';

const kept = { same: { instructions: 100, tolerance: 2 }, slow: { instructions: 100, tolerance: 2 }, fast: { instructions: 100, tolerance: 2 }, gone: { instructions: 1, tolerance: 1 } };
const measured = new Map([
  ['same', 101.9],
  ['slow', 102.1],
  ['fast', 97.9],
  ['other', 7],
]);

const program = join(packageRoot, 'dist/bench/check/start.js');

/** Without the runner's loaders and its coverage, which would be the guest's, too; it adds them to the environment of every child. */
function benchCheck(...args: string[]) {
  return spawnSync('env', ['--unset=NODE_OPTIONS', '--unset=NODE_V8_COVERAGE', process.execPath, program, ...args], { encoding: 'utf8' });
}

t.test('what is beyond the tolerance is told', (t) => {
  const lines = compare(kept, measured);
  t.strictSame(lines.map(({ name, verdict }) => [name, verdict]), [
    ['same', 'as kept'],
    ['slow', 'SLOWER'],
    ['fast', 'faster'],
    ['gone', 'MISSING'],
    ['other', 'new'],
  ]);
  t.strictSame(lines.filter(isRegression).map(({ name }) => name), ['slow', 'gone']);
  t.match(printed(lines), /^slow +100 +102 +\+2\.1 % +2 %  SLOWER$/m);
  t.match(printed(lines), /^fast +100 +98 +-2\.1 % +2 %  faster$/m);
  t.end();
});

t.test('this tree needs no more instructions than are kept', (t) => {
  const { status, stdout, stderr } = benchCheck();
  for (const line of stdout.trim().split('\n')) t.comment(line);
  t.equal(status, 0, 'as kept', { stderr });
  t.end();
});

t.test('an option that is none', (t) => {
  const { status, stderr } = benchCheck('--all');
  t.equal(status, 125);
  t.match(stderr, /--all: there is only --update/);
  t.end();
});
