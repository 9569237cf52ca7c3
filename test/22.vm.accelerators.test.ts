/** KVM only where it works; and a clock that counts instructions. */

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { accelerator } from '../docker/vm/kvm.ts';
import { runRecorded } from '../docker/vm/recorded.ts';
import { runInVm } from '../docker/vm/run.ts';
import { testMachine } from './vm.ts';

const machine = await testMachine();

t.test('a /dev/kvm that is there is probed once, and only used if a kernel runs on it', async (t) => {
  const cache = t.testdir();
  const before = process.env['XDG_CACHE_HOME'];
  process.env['XDG_CACHE_HOME'] = cache;
  const found = await accelerator(machine.kernel);
  const answers = () => readdirSync(join(cache, 'node-vpi/kvm')).map((name) => readFileSync(join(cache, 'node-vpi/kvm', name), 'utf8'));
  if (existsSync('/dev/kvm')) t.strictSame(answers(), [found]);
  t.equal(await accelerator(machine.kernel), found);
  if (before === undefined) delete process.env['XDG_CACHE_HOME'];
  else process.env['XDG_CACHE_HOME'] = before;
  t.equal((await runInVm({ ...machine, accelerator: found, program: '/bin/true' })).status, 0);
});

const program = `
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
#include <x86intrin.h>
int main(int argc, char **argv)
{
	for (int i = 0; i < 20; i++) {
		void *p = malloc(1 << 16);
		if (fork() == 0)
			_exit(0);
		wait(NULL);
		printf("%p %llu\\n", p, __rdtsc());
	}
	fprintf(stderr, "%s", argv[1]);
	return argc;
}`;

t.test('with the instruction clock, two boots are the same to the instruction', async (t) => {
  const directory = t.testdir({ 'clock.c': program });
  const binary = join(directory, 'clock');
  execFileSync('gcc', ['-static', '-O2', '-o', binary, join(directory, 'clock.c')]);
  for (const smp of [1, 2]) {
    const options = { ...machine, smp, accelerator: 'icount' as const, program: binary, args: ['an argument'] };
    const [first, second] = [await runRecorded(options), await runRecorded(options)];
    t.match(first, { end: 'program', status: 2, splats: [] }, first.console);
    t.equal(first.stderr.toString(), 'an argument');
    t.equal(first.stdout.toString().split('\n').length, 21);
    t.equal(second.stdout.toString(), first.stdout.toString(), `${smp} virtual CPUs`);
  }
});

t.test('vpi run --icount: the same clock, with the files of the host', async (t) => {
  const result = await runInVm({ ...(await testMachine({ icount: true })), program: '/bin/echo', args: ['hello'] });
  t.equal(result.stdout.toString(), 'hello\n', result.console);
});
