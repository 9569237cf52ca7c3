/** Random system calls, and groups of virtual processors under torture, on both kernels; and that both programs see what is wrong. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { packageRoot } from '../docker/tree.ts';
import { testInGuest } from './guest.ts';
import { shellInVm, testMachine } from './vm.ts';

const isLong = process.env['VPI_TEST_LONG'] !== undefined;
/** Per cent of what is done by default. */
const scale = Number(process.env['VPI_SCALE'] ?? (isLong ? 10_000 : 100)) / 100;
const patience = Math.ceil(Math.max(scale, 1) * 600);
/** Seconds of the guest without any progress. Its clock goes on while the host does something else. */
const hang = '120';
/** Of the first run; each one after it has the next seed. */
const seed = process.env['VPI_SEED'] ?? String(Date.now());

const fuzz = join(packageRoot, 'build/native/test/fuzz/fuzz');
const torture = join(packageRoot, 'build/native/test/torture/torture');

function programs(calls: number, groups: number, operations: number) {
  return [
    { path: fuzz, args: ['--seed', seed, '--patience', hang, '--calls', String(Math.ceil(calls * scale))] },
    { path: torture, args: ['--seed', seed, '--patience', hang, '--groups', String(Math.ceil(groups * scale)), '--operations', String(operations)] },
  ];
}

for (const smp of [1, 2, 4]) {
  await t.test(`on ${smp} virtual CPUs`, async (t) => testInGuest(t, await testMachine({ smp }), programs(100_000, 24, 3000), patience));
}

await t.test('on the debug kernel', async (t) => testInGuest(t, await testMachine({ debug: true }), programs(20_000, 10, 1000), patience));

await t.test('the fuzzer finds, shrinks and replays', async (t) => {
  const found = await shellInVm(await testMachine(), `${fuzz} --seed 1 --calls 20000 --flaw mode`);
  const output = found.stdout.toString();
  t.equal(found.status, 1);
  t.match(output, /^not ok 1 - nothing fails$/m);
  const list = output.split('\n').filter((line) => /^# (run|op) /.test(line));
  t.equal(list.length, 2, 'one operation is enough', { output });
  t.match(list[1], /^# op \d+ mode 0x[0-9a-f]+$/);

  const directory = join(packageRoot, 'build/fuzz');
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'list'), list.join('\n') + '\n');
  const script = `${fuzz} --replay ${join(directory, 'list')} --flaw mode; echo $?; ${fuzz} --replay ${join(directory, 'list')}; echo $?`;
  const replayed = await shellInVm(await testMachine(), script);
  t.strictSame(replayed.stdout.toString().match(/^(?:not )?ok|^\d$/gm), ['not ok', '1', 'ok', '0']);
});

await t.test('the oracle sees a worker that is resumed too early', async (t) => {
  const result = await shellInVm(await testMachine(), `${torture} --seed 1 --groups 20 --flaw 2>&1`);
  t.equal(result.status, 1);
  t.match(result.stdout.toString(), /ran while held after block/);
});
