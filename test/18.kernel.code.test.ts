/** What the kernel's own tools say of the patch, and what it leaves of `schedule()` when it is off. */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { wholePatch } from '../docker/kernel/whole-patch.ts';
import { findSource } from '../docker/kernel/source.ts';
import { Trees } from '../docker/kernel/trees.ts';

/** Named, with their reasons, in kernel-patch/README.md. */
const waivers = ['BIT_MACRO', 'OPEN_ENDED_LINE', 'PARENTHESIS_ALIGNMENT', 'FILE_PATH_CHANGES'];

const trees = new Trees(findSource());
using lock = await trees.acquire();
await trees.unpack(lock);

await t.test('schedvpi.c says nothing under W=1 and sparse', async (t) => {
  for (const flags of [[], ['KCFLAGS=-DCONFIG_SCHEDVPI_DEBUG']]) {
    const { said } = await trees.object('check', 'kernel/schedvpi.o', lock, ['W=1', 'C=2', ...flags]);
    t.match(said, /CHECK .*schedvpi\.c/, 'sparse has looked at it');
    t.strictSame(said.split('\n').filter((line) => /vpi.*(warning|error):/.test(line)), [], flags.join());
  }
});

await t.test('checkpatch --strict has nothing but the waivers', async (t) => {
  const checkpatch = join(trees.pristine, 'scripts/checkpatch.pl');
  const args = [checkpatch, '--strict', '--terse', '--no-tree', '--no-signoff', '--no-summary', `--ignore=${waivers.join()}`, '-'];
  // The selftests are programs of user space, whose harness is made of macros that checkpatch does not know.
  const files = new Map([...trees.patchedFiles()].filter(([path]) => !path.startsWith('tools/')));
  const result = spawnSync('perl', args, { input: wholePatch(trees.pristine, files), encoding: 'utf8' });
  t.strictSame(result.stdout.split('\n').filter((line) => line !== ''), [], result.stderr);
});

await t.test('without CONFIG_SCHEDVPI the code of schedule() is that of the clean source', async (t) => {
  const { file: patched } = await trees.object('off', 'kernel/sched/core.o', lock);
  const { file: clean } = await trees.object('clean', 'kernel/sched/core.o', lock);
  const code = disassembly(clean, 'schedule');
  t.ok(code.length > 20, 'there is a function');
  t.strictSame(disassembly(patched, 'schedule'), code);
});

/** Instructions without their addresses; a jump's target is its distance from the function's start. */
function disassembly(file: string, name: string): string[] {
  const args = ['--disassemble=' + name, '--no-show-raw-insn', '--no-addresses', '--section=.sched.text', '--section=.text', file];
  const result = spawnSync('objdump', args, { encoding: 'utf8' });
  const lines = result.stdout.split('\n').filter((line) => line.startsWith('\t'));
  return lines.map((line) => line.trim().replace(/\b[0-9a-f]+ (<.*>)/, '$1').replace(/<(?!schedule\b)([^+>]*)\+0x[0-9a-f]+>/, '<$1>'));
}
