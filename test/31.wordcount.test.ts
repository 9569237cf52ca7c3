/** The C example on real files: its counts are those of `wc`, byte for byte. */

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { packageRoot } from '../docker/tree.ts';
import { shellInVm, testMachine } from './vm.ts';

const wordcount = join(packageRoot, 'build/native/examples/wordcount');
const paths = readdirSync(packageRoot, { recursive: true, encoding: 'utf8' });
const files = paths.filter((path) => /\.(md|ts|c)$/.test(path) && !/^(\.|build\/)/.test(path)).sort();

for (const { smp, debug, options, count } of [
  { smp: 1, debug: false, options: '', count: 600 },
  { smp: 2, debug: false, options: '', count: 600 },
  { smp: 4, debug: false, options: '-c', count: 600 },
  { smp: 2, debug: false, options: '-c -p 4', count: 150 },
  { smp: 2, debug: true, options: '-c', count: 20 },
]) {
  await t.test(`${smp} virtual CPUs, ${debug ? 'debug kernel' : 'release kernel'} ${options}`, async (t) => {
    const some = files.slice(0, count);
    t.equal(some.length, count, 'there are enough files');
    const wc = spawnSync('wc', some, { cwd: packageRoot, env: { ...process.env, LC_ALL: 'C' }, encoding: 'utf8' });
    const machine = { ...(await testMachine({ smp, debug })), timeout: 300 };
    const result = await shellInVm(machine, `${wordcount} ${options} "$@"`, { args: some, cwd: packageRoot });
    t.equal(result.stdout.toString(), wc.stdout, 'what wc prints');
    t.match(result.stderr.toString(), /^wordcount: [1-9]\d* blocks, [1-9]\d* upcalls, \d+ VPs$/m, 'there were upcalls');
    t.equal(result.status, 0);
    t.strictSame(result.splats, []);
  });
}
