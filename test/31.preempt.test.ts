/** The C example of PREEMPT: every section is run, whether waiters are told and sleep, or are not told. */

import { join } from 'node:path';
import t from 'tap';
import { packageRoot } from '../docker/tree.ts';
import { shellInVm, testMachine } from './vm.ts';

const preempt = join(packageRoot, 'build/native/examples/preempt');

for (const smp of [1, 2, 4]) {
  await t.test(`${smp} virtual CPUs`, async (t) => {
    const result = await shellInVm(await testMachine({ smp }), `${preempt} 20`);
    t.match(result.stdout.toString(), /^not told: +40 sections .* 0 times asleep\nPREEMPT: +40 sections .*\n$/);
    t.equal(result.status, 0, result.stderr.toString());
    t.strictSame(result.splats, []);
  });
}
