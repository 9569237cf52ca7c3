/** `dist/bundle` is `lib/`: the same names, each thing once, and whatever looks for a module beside itself finds it. */

import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { packageRoot } from '../docker/tree.ts';

const modules = { 'node-vpi': 'vpi', 'node-vpi/sys': 'sys', 'node-vpi/templates': 'templates', 'node-vpi/threads': 'threads' };

t.test('the same names', async (t) => {
  for (const [name, directory] of Object.entries(modules)) {
    const [bundled, source] = (await Promise.all([import(name), import(`../lib/${directory}/index.js`)])) as object[];
    t.strictSame(Object.keys(bundled!).sort(), Object.keys(source!).sort(), name);
  }
});

t.test('what two modules have in common is the same', async (t) => {
  const { Op } = await import('node-vpi');
  const { nanosleep } = await import('node-vpi/sys');
  t.ok(nanosleep(1).next().value instanceof Op);
});

t.test('modules that are looked for by their path', async (t) => {
  const sources = globSync('lib/**/*.ts', { cwd: packageRoot }).map((path) => readFileSync(join(packageRoot, path), 'utf8'));
  const code = sources.join('').replace(/^ \*.*$/gm, '');
  const names = [...code.matchAll(/'\.\/(\S+\.js)', import\.meta\.url|import\.meta\.resolve\('\.\/(\S+\.js)'\)/g)].map(([, beside, resolved]) => beside ?? resolved!);
  t.strictSame(names.sort(), ['start-worker.js', 'system.js', 'worker.js']);
  for (const name of names) t.ok(existsSync(join(packageRoot, 'dist/bundle', name)), name);
});
