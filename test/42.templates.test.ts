/** `docs/templates.md`: its code is the example's, its rules are those of the modules and are tested, and it prints what it says. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { packageRoot } from '../docker/tree.ts';
import { testMachine } from './vm.ts';

const read = (path: string) => readFileSync(join(packageRoot, path), 'utf8');
const page = read('docs/templates.md');

/** What stands in all blocks of that kind, without empty lines. */
function code(language: string): string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].flatMap(([, block]) => linesOf(block!));
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

t.test('the code is the example', async (t) => {
  const system = read('examples/coroutines/coroutines.ts');
  t.ok(system.split('\n').length < 100, 'which has less than 100 lines');
  t.strictSame(code('ts'), [...linesOf(system), ...linesOf(read('examples/coroutines/main.ts'))]);
  const imported = [...system.matchAll(/from '(.*)'/g)].map((match) => match[1]);
  t.strictSame(imported, ['node-vpi', 'node-vpi/templates'], 'and needs no other thread system');
});

const modules = ['vp-initialization', 'vp-manager', 'notification-handling', 'thread-blocking', 'idle-loop'];

for (const [index, name] of modules.entries()) {
  t.test(name, async (t) => {
    const number = index + 1;
    const head = read(`lib/templates/${name}.ts`).split('*/')[0]!;
    t.match(head, `Template ${number}, ${name.replaceAll('-', ' ').replace('vp', 'VP')}:`);
    const rules = head.split('**Rules**')[1]!.match(/^ \* - /gm)!.map((_, i) => `${number}.${i + 1}`);
    const written = [...page.matchAll(/^\| (\d\.\d) \|/gm)].map((match) => match[1]!).filter((rule) => rule.startsWith(`${number}.`));
    t.strictSame(written, rules, 'the page has a line for each rule of the module');
    const tested = new Set([...read(`test/templates/${name}.ts`).matchAll(/test\(['`](\d\.\d) /g)].map((match) => match[1]!));
    t.strictSame([...tested].sort(), rules, 'and there is a test that breaks it');
  });
}

t.test('what it prints', async (t) => {
  const { kernel } = await testMachine();
  const vpi = ['--unset=NODE_OPTIONS', '--unset=NODE_V8_COVERAGE', process.execPath, join(packageRoot, 'bin/vpi.js')];
  const [command, ...output] = code('console');
  const run = [...vpi, 'run', '--kernel', kernel, 'examples/coroutines/main.ts'];
  t.equal(command, '$ npx vpi run examples/coroutines/main.ts');
  const result = spawnSync('env', run, { cwd: packageRoot, encoding: 'utf8' });
  t.strictSame(linesOf(result.stdout), output, 'is what the page says', { stderr: result.stderr });
  t.match(result.stderr, /the kernel has told of [1-9]\d* blocks/);
  t.equal(result.status, 0);
});
