/** The models of `test/models/`: all states within their bounds are as they should be, and each property would be missed. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { availableParallelism } from 'node:os';
import t from 'tap';
import { packageRoot } from '../docker/tree.ts';
import { checks, longChecks, mutations, type Check, type ModelName } from './models/checks.ts';
import { verify } from './models/verify.ts';

const long = process.env['VPI_TEST_LONG'] !== undefined;
const text = (model: ModelName): string => readFileSync(join(packageRoot, `test/models/${model}.pml`), 'utf8');
const models = { kernel: text('kernel'), token: text('token') };

t.jobs = availableParallelism();

function defines({ bounds }: Check): string[] {
  return Object.entries(bounds).map(([name, value]) => `-D${name}=${value}`);
}

for (const check of long ? [...checks, ...longChecks] : checks) {
  void t.test(`${check.model} ${defines(check).join(' ')}`, async (t) => {
    const { error, states, isComplete } = await verify(models[check.model], defines(check));
    t.comment(`${states} states`);
    t.equal(error, undefined, 'nothing is wrong');
    t.ok(isComplete, 'in any of them');
  });
}

for (const mutation of mutations) {
  void t.test(`${mutation.model}: ${mutation.property}`, async (t) => {
    const parts = models[mutation.model].split(mutation.line);
    t.equal(parts.length, 2, 'the line is there once');
    const { error } = await verify(parts.join(mutation.instead), defines(mutation));
    t.ok(error, `without it: ${error ?? 'nothing is wrong'}`);
  });
}
