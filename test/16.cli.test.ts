/** The command line says what is wrong with it. */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { packageRoot } from '../docker/tree.ts';

function vpi(...args: string[]) {
  return spawnSync(process.execPath, [join(packageRoot, 'bin/vpi.js'), ...args], { encoding: 'utf8', maxBuffer: 1 << 26 });
}

t.test('wrong arguments', async (t) => {
  const wrong: [string[], RegExp][] = [
    [['frob'], /unknown command 'frob'/],
    [['run'], /missing required argument 'file'/],
    [['run', '--smp', '0', 'sh'], /--smp.*whole number from 1 to 8/],
    [['run', '--smp', 'two', 'sh'], /--smp.*whole number from 1 to 8/],
    [['run', '--memory', 'much', 'sh'], /--memory.*such as 2048M/],
    [['run', '--timeout', '-1', 'sh'], /--timeout.*greater than 0/],
    [['run', '--no-such-option', 'sh'], /unknown option '--no-such-option'/],
    [['run', '--kernel', '/no/such/kernel', 'sh'], /--kernel: \/no\/such\/kernel is not there/],
    [['run', './no/such/program'], /no such file/],
    [['shell'], /needs a terminal/],
    [['kernel', 'extra'], /too many arguments/],
  ];
  for (const [args, message] of wrong) {
    const result = vpi(...args);
    t.not(result.status, 0, args.join(' '));
    t.match(result.stderr, message);
  }
});

t.test('doctor finds this machine healthy, or says what to do', async (t) => {
  const result = vpi('doctor');
  t.match(result.stdout, /^[✓✗] Debian packages/m);
  t.equal(result.status, /^✗/m.test(result.stdout) ? 1 : 0);
});

t.test('doctor sees what is missing, and mends nothing', async (t) => {
  const result = spawnSync(process.execPath, [join(packageRoot, 'bin/vpi.js'), 'doctor'], {
    encoding: 'utf8',
    // dpkg then knows of no package at all.
    env: { ...process.env, DPKG_ADMINDIR: t.testdir({ status: '' }) },
  });
  t.match(result.stdout, /^✗ Debian packages: missing: .*qemu-system-x86/m);
  t.match(result.stdout, /apt-get install --no-install-recommends .*qemu-system-x86/);
  t.equal(result.status, 1);
});
