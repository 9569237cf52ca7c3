/** Every way in which a machine can end, and that it does end. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { isAlive } from '../docker/leftovers.ts';
import { packageRoot } from '../docker/tree.ts';
import { exitStatus } from '../docker/vm/machine.ts';
import { shellInVm, testMachine } from './vm.ts';

const machine = await testMachine();

t.test('the time is up', async (t) => {
  const result = await shellInVm({ ...machine, timeout: 1 }, 'sleep 100000');
  t.match(result, { end: 'timeout', status: undefined });
  t.equal(exitStatus(result), 124);
});

t.test('a panic', async (t) => {
  const result = await shellInVm(machine, 'echo before; echo c > /proc/sysrq-trigger; echo after');
  t.match(result, { end: 'lost', status: undefined });
  t.equal(exitStatus(result), 125);
  t.match(result.splats.join('\n'), /Kernel panic - not syncing: sysrq triggered crash/);
});

t.test('a report on the console fails a run that succeeded', async (t) => {
  const script = 'echo "------------[ cut here ]------------" > /dev/kmsg; echo "WARNING: CPU: 0 PID: 1 at a.c:1 f" > /dev/kmsg; echo done';
  const result = await shellInVm(machine, script);
  t.match(result, { end: 'program', status: 0 });
  t.equal(result.splats.length, 1);
  t.match(result.splats[0], /cut here[^]*WARNING: CPU: 0/);
  t.equal(exitStatus(result), 125);
});

t.test("a program's crash is no report", async (t) => {
  const result = await shellInVm(machine, 'sh -c "kill -SEGV \\$\\$"; echo "prog[1]: segfault at 0 ip 1 sp 2 error 4" > /dev/kmsg; exit 0');
  t.strictSame(result.splats, []);
  t.equal(exitStatus(result), 0);
});

t.test('abort', async (t) => {
  const controller = new AbortController();
  const running = shellInVm({ ...machine, signal: controller.signal }, 'sleep 100000');
  controller.abort();
  t.match(await running, { end: 'aborted', status: undefined });
});

/** Processes below `ancestor`, whoever they are. */
function descendants(ancestor: number): number[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    const stat = /^\d+$/.test(entry) ? readOrNothing(join('/proc', entry, 'stat')) : '';
    const match = /^(\d+) \(.*\) \S (\d+)/s.exec(stat);
    if (match) parents.set(Number(match[1]), Number(match[2]));
  }
  const below = (pid: number): boolean => pid === ancestor || (parents.has(pid) && below(parents.get(pid)!));
  return [...parents.keys()].filter((pid) => pid !== ancestor && below(pid));
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

const commandLine = (pid: number) => readOrNothing(`/proc/${pid}/cmdline`).split('\0');

async function until(condition: () => boolean): Promise<boolean> {
  for (let tries = 0; tries < 600 && !condition(); tries++) await delay(100);
  return condition();
}

/** `vpi run` of a script that says "up" and then waits. */
async function startVpi() {
  const script = 'echo up; exec sleep 100000';
  const kernel = ['--kernel', machine.kernel];
  const child = spawn(process.execPath, [join(packageRoot, 'bin/vpi.js'), 'run', ...kernel, 'sh', '-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const family = descendants(child.pid!);
  const qemu = family.find((pid) => commandLine(pid)[0]?.startsWith('qemu-system'));
  const vpi = family.find((pid) => commandLine(pid)[1]?.endsWith('dist/docker/cli.js'));
  if (qemu === undefined || vpi === undefined) throw new Error(`no QEMU among ${family.map((pid) => commandLine(pid).join(' ')).join('\n')}`);
  return { child, vpi, qemu };
}

function temporaryDirectoriesOf(pid: number): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(`vpi.${pid}.`));
}

t.test('QEMU dies with vpi', async (t) => {
  let dead: number | undefined;
  for (const victim of ['vpi', 'bootstrap'] as const) {
    const { child, vpi, qemu } = await startVpi();
    t.equal(temporaryDirectoriesOf(vpi).length, 1, 'it has a temporary directory');
    if (dead !== undefined) t.strictSame(temporaryDirectoriesOf(dead), [], 'that of the one before is gone');
    dead = vpi;
    process.kill(victim === 'vpi' ? vpi : child.pid!, 'SIGKILL');
    t.ok(await until(() => !isAlive(qemu)), `after kill -9 of ${victim}`);
    t.ok(await until(() => !isAlive(vpi)));
  }
});

t.test('vpi ends its VM when it is asked to', async (t) => {
  for (const [signal, status] of [['SIGTERM', 143], ['SIGINT', 130]] as const) {
    const { child, vpi, qemu } = await startVpi();
    process.kill(vpi, signal);
    const [code] = (await once(child, 'exit')) as [number | null];
    t.equal(code, status, signal);
    t.equal(isAlive(qemu), false);
  }
});
