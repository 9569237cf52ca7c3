/** How the output of test programs in the VM is read: a result that fails, or is not there, cannot pass. */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { packageRoot } from '../docker/tree.ts';
import { readSection } from './guest.ts';

const section = `TAP version 14
# Subtest: good
    ok 1 - inside
    1..1
ok 1 - good # time=5.1ms

# Subtest: bad
    not ok 1 - should be equal
    1..1
not ok 2 - bad # time=7ms
  ---
  at: file.ts
  ...
# Subtest: absent
    1..0 # SKIP
ok 3 - absent # SKIP not here
ok 4
1..4
# failed 1 of 4 tests

@@ end 1 12
`;

t.test('results, their directives, and what belongs to a failure', async (t) => {
  const { results, planned, status } = readSection(section);
  t.strictSame(results.map(({ ok, name, directive }) => [ok, name, directive]), [
    [true, 'good', undefined],
    [false, 'bad', undefined],
    [true, 'absent', 'SKIP not here'],
    [true, '', undefined],
  ]);
  t.equal(planned, 4);
  t.equal(status, 1);
  const said = results[1]!.said.join('\n');
  t.match(said, /not ok 1 - should be equal/);
  t.match(said, /at: file\.ts/);
  t.notMatch(said, /inside/);
  t.notMatch(said, /absent/);
});

t.test('a program that ends early has no plan, and one that hangs no status', async (t) => {
  t.match(readSection('ok 1 - first\n\n@@ end 139 3\n'), { planned: undefined, status: 139, seconds: 3 });
  t.match(readSection('1..2\nok 1 - first\n'), { results: [{ ok: true }], planned: 2, status: undefined });
});

/** Standard output and status of a program that uses `test/program.ts`. */
function outcome(body: string) {
  const program = `import t from ${JSON.stringify(join(packageRoot, 'dist/test/program.js'))}; ${body}`;
  const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8', env: {} });
  return { stdout, status };
}

t.test('what test programs use in place of tap tells failures', async (t) => {
  t.strictSame(outcome("t.test('a', (t) => t.equal(1, 1, 'one'))"), { stdout: '# Subtest: a\n    ok 1 - one\n    1..1\nok 1 - a\n1..1\n', status: 0 });
  const failures = {
    "t.equal(1, 2, 'x')": /^not ok 1 - x$/m,
    "t.strictSame({ a: 1 }, { a: '1' }, 'x')": /^not ok 1 - x$/m,
    "t.match({ code: 'EAGAIN' }, { code: 'EBUSY' }, 'x')": /^not ok 1 - x$/m,
    "t.throws(() => {}, {}, 'x')": /^not ok 1 - x$/m,
    "t.rejects(Promise.resolve(), {}, 'x')": /^not ok 1 - x$/m,
    "t.test('x', () => { throw new Error('why') })": /why[^]*^not ok 1 - x$/m,
    "t.test('x', (t) => { t.test('y', (t) => t.fail()) })": /^not ok 1 - x$/m,
    "t.test('x', () => new Promise(() => {}))": /^not ok 1 - x ends$/m,
    "t.test('x', async () => process.exit(0))": /^not ok 1 - x ends$/m,
  };
  for (const [body, said] of Object.entries(failures)) t.match(outcome(body), { status: 1, stdout: said }, body);
});
