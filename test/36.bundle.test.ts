/** `dist/bundle` is `lib/`: the same names, each thing once, and whatever looks for a module beside itself finds it. */

import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { packageRoot } from '../docker/tree.ts';

interface Exported {
  types: string;
  default: string;
}
const { exports } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { exports: Record<string, Exported> };
const bundled = Object.entries(exports).filter(([, { default: path }]) => path.startsWith('./dist/bundle/'));

t.test('the same names', async (t) => {
  t.strictSame(bundled.map(([name]) => name), ['.', './sys', './threads', './templates']);
  for (const [name, { types, default: path }] of bundled) {
    const [bundle, source] = (await Promise.all([path, types.replace(/d\.ts$/, 'js')].map((file) => import(join(packageRoot, file))))) as object[];
    t.strictSame(Object.keys(bundle!).sort(), Object.keys(source!).sort(), name);
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
