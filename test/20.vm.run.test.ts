/** A program in the VM behaves as one beside it would: input, output, arguments, status, files. */

import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import t from 'tap';
import { exitStatus } from '../docker/vm/machine.ts';
import { runInVm } from '../docker/vm/run.ts';
import { shellInVm, testMachine } from './vm.ts';

const machine = await testMachine();

t.test('output, error output and status are kept apart', async (t) => {
  const result = await shellInVm(machine, 'echo out; echo err >&2; exit 3');
  t.match(result, { end: 'program', status: 3, splats: [] }, result.console);
  t.equal(result.stdout.toString(), 'out\n');
  t.equal(result.stderr.toString(), 'err\n');
  t.equal(exitStatus(result), 3);
});

t.test('death by a signal', async (t) => {
  t.equal((await shellInVm(machine, 'kill -SEGV $$')).status, 128 + 11);
  t.equal((await shellInVm(machine, 'kill -KILL $$')).status, 128 + 9);
});

t.test('every byte passes, in both directions, and so does the end of input', async (t) => {
  const bytes = randomBytes(3_000_000);
  const result = await runInVm({ ...machine, program: '/bin/cat', stdin: Readable.from([bytes]) });
  t.equal(result.status, 0, result.console);
  t.equal(createHash('sha256').update(result.stdout).digest('hex'), createHash('sha256').update(bytes).digest('hex'));
});

t.test('no input is empty input', async (t) => {
  const result = await shellInVm(machine, 'wc -c');
  t.equal(result.stdout.toString(), '0\n');
});

t.test('output of a program that ends at once is whole', async (t) => {
  const result = await shellInVm(machine, 'head -c 2000000 /dev/zero; head -c 500000 /dev/zero >&2');
  t.equal(result.stdout.length, 2_000_000);
  t.equal(result.stderr.length, 500_000);
});

t.test('arguments, environment and directory', async (t) => {
  const args = ['', ' two  words ', '"quoted" \'too\'', 'new\nline', '$HOME `x` \\ *'];
  const result = await runInVm({ ...machine, program: '/usr/bin/printf', args: ['<%s>', ...args] });
  t.equal(result.stdout.toString(), args.map((arg) => `<${arg}>`).join(''));
  const env = await runInVm({ ...machine, program: '/usr/bin/env', args: ['-0'], env: { A: 'b c\n', VPI_X: '' } });
  t.strictSame(env.stdout.toString().split('\0').filter(Boolean).sort(), ['A=b c\n', 'VPI_X=']);
  const pwd = await runInVm({ ...machine, program: '/bin/pwd' });
  t.equal(pwd.stdout.toString(), `${process.cwd()}\n`);
});

t.test("the working directory is the host's, and nothing else can be changed", async (t) => {
  const cwd = mkdtempSync(join(tmpdir(), 'vpi test,dir '));
  const outside = mkdtempSync(join(process.cwd(), 'build/outside-'));
  t.teardown(() => [cwd, outside].forEach((path) => rmSync(path, { recursive: true })));
  writeFileSync(join(cwd, 'from host'), 'host\n');
  writeFileSync(join(outside, 'kept'), 'as it was\n');
  const script = 'cat "from host" && echo guest > "from guest" && mkdir d && echo x > d/x && rm "from host" && echo y > "$1/new" && echo z > "$1/kept" && cat "$1/kept"';
  const result = await shellInVm(machine, script, { cwd, args: [outside] });
  t.equal(result.stderr.toString(), '');
  t.equal(result.stdout.toString(), 'host\nz\n', 'the guest sees its own changes everywhere');
  t.equal(readFileSync(join(cwd, 'from guest'), 'utf8'), 'guest\n');
  t.equal(readFileSync(join(cwd, 'd/x'), 'utf8'), 'x\n');
  t.equal(existsSync(join(cwd, 'from host')), false);
  t.equal(existsSync(join(outside, 'new')), false);
  t.equal(readFileSync(join(outside, 'kept'), 'utf8'), 'as it was\n');
});

t.test('in the root directory nothing is shared', async (t) => {
  const result = await shellInVm(machine, 'pwd && touch /vpi-must-not-be-there', { cwd: '/' });
  t.equal(result.stdout.toString(), '/\n', result.stderr.toString());
  t.equal(existsSync('/vpi-must-not-be-there'), false);
});

t.test('what a program finds around it', async (t) => {
  const script = `
    for directory in /tmp /run /dev/shm; do echo x > $directory/file || exit 1; done
    test -e /proc/self/status -a -e /sys/kernel/tracing/events/sched -a -e /sys/fs/cgroup/cgroup.controllers || exit 2
    test -c /dev/null -a -e /dev/pts/ptmx -a -d /sys/kernel/debug || exit 3
    echo reopened > /dev/stdout
    ulimit -n; hostname; nproc
    exec 3<> /dev/tcp/127.0.0.1/9 2>/dev/null || echo refused`;
  const result = await runInVm({ ...machine, program: '/bin/bash', args: ['-c', script] });
  t.equal(result.status, 0, result.stderr.toString());
  t.equal(result.stdout.toString(), 'reopened\n1048576\nvpi\n2\nrefused\n');
});

t.test('a background process neither delays the end nor survives it', async (t) => {
  const result = await shellInVm(machine, '(trap "" TERM HUP; while :; do sleep 1000; done) & echo started');
  t.match(result, { end: 'program', status: 0 });
  t.equal(result.stdout.toString(), 'started\n');
});

t.test('a program that cannot be run', async (t) => {
  const cwd = t.testdir({ broken: '#!/no/such/interpreter\n' });
  spawnSync('chmod', ['+x', join(cwd, 'broken')]);
  const result = await runInVm({ ...machine, program: join(cwd, 'broken'), cwd });
  t.equal(result.status, 127);
  t.match(result.stderr.toString(), /cannot run .*broken in the VM: No such file/);
});

t.test('virtual CPUs', async (t) => {
  for (const smp of [1, 4]) t.equal((await shellInVm({ ...machine, smp }, 'nproc')).stdout.toString(), `${smp}\n`);
});
