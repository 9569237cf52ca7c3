/** The lists of `npm run test:kernels` and `test:mutations`: what they name is there. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { flavourConfig } from '../docker/kernel/config.ts';
import { packageRoot } from '../docker/tree.ts';
import { fuzzTable, isGood, outcomeOf, tableOf } from './kernels/outcome.ts';
import { mutated, mutations } from './kernels/mutations.ts';
import { kernelRuns } from './kernels/runs.ts';

const source = readFileSync(join(packageRoot, 'kernel-patch/kernel/schedvpi.c'), 'utf8');

t.test('each mutation changes one place of schedvpi.c', async (t) => {
  for (const mutation of mutations) t.not(mutated(source, mutation), source, mutation.name);
  t.ok(mutations.length >= 20, 'there are enough');
  t.throws(() => mutated('a b a', { name: 'twice', text: 'a', instead: '' }), { message: 'twice: its text is there 2 times' });
  t.throws(() => mutated('b', { name: 'never', text: 'a', instead: '' }), { message: 'never: its text is there 0 times' });
});

t.test('each kernel has a configuration', async (t) => {
  for (const { name, flavour } of kernelRuns) t.ok(flavourConfig(flavour).size > 50, name);
});

t.test('a program that fails, hangs or is cut short is no success', async (t) => {
  const good = outcomeOf('good', 'TAP version 13\n1..2\nok 1 - a\nok 2 - b # SKIP no\n\n@@ end 0 3\n');
  t.strictSame(good, { program: 'good', passed: 1, skipped: 1, failed: [], seconds: 3 });
  t.strictSame(outcomeOf('skips', '1..0 # SKIP\n\n@@ end 4 0\n').failed, []);
  t.strictSame(outcomeOf('fails', '1..2\nok 1 - a\nnot ok 2 - b\n\n@@ end 1 3\n').failed, ['b', 'status 1']);
  t.strictSame(outcomeOf('hangs', '1..2\nok 1 - a\n\n@@ end 124 60\n').failed, ['1 results, 2 planned', 'status 124']);
  t.strictSame(outcomeOf('never ran', '').failed, ['0 results, none planned', 'status none']);

  const kernel = { kernel: 'some', image: 'x', outcomes: [good], complaints: [] };
  t.equal(isGood(kernel), true);
  t.equal(isGood({ ...kernel, complaints: ['BUG: no'] }), false);
  t.match(tableOf([kernel]), /^\|  \| some \|\n\| --- \| --- \|\n\| `good` \| 1 \|\n\| kernel log \| clean \|\n\| minutes \| 1 \|\n$/);
});

t.test('how much was fuzzed', async (t) => {
  t.equal(fuzzTable([{ name: 'some', image: 'x', calls: 2_500_000, seconds: 121 }]), '| kernel | calls | minutes |\n| --- | --- | --- |\n| some | 2,500,000 | 3 |\n');
});
