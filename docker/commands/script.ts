/** How `vpi run` runs JavaScript and TypeScript: with Node, and with no TypeScript left in the VM. */

import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../tree.ts';
import { inTemporaryDirectory } from '../vm/machine.ts';

export const scriptEndings = ['.js', '.mjs', '.cjs', '.ts', '.mts'];

export function isScript(file: string): boolean {
  return scriptEndings.some((ending) => file.endsWith(ending));
}

/** Node would erase types in the VM with WebAssembly, in the isolate that VPs share. */
const asItIs = '--no-experimental-strip-types';

/** Calls `use` with the arguments that make Node run `file`. */
export async function withNodeArguments<T>(file: string, use: (args: string[]) => Promise<T>): Promise<T> {
  const path = resolve(file);
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) throw new Error(`${file}: no such file`);
  if (!file.endsWith('ts')) return use([asItIs, path]);
  const twin = compiledTwin(path);
  if (twin !== undefined) return use([asItIs, '--enable-source-maps', twin]);

  const { transpile } = await import('../transpile.ts');
  const transpiled = transpile(path);
  // Where the VM sees Node, it sees this too.
  const build = join(packageRoot, 'build');
  mkdirSync(build, { recursive: true });
  return inTemporaryDirectory(build, async (directory) => {
    const text = join(directory, 'transpiled.json');
    writeFileSync(text, JSON.stringify(transpiled));
    const hooks = pathToFileURL(join(packageRoot, 'dist/docker/typescript-hooks.js'));
    hooks.searchParams.set('transpiled', text);
    return use([asItIs, '--enable-source-maps', `--import=${hooks.href}`, path]);
  });
}

/** The compiled form of a file of this package. It is up to date: `vpi` compiles before it does anything else. */
function compiledTwin(path: string): string | undefined {
  const twin = join(packageRoot, 'dist', relative(packageRoot, path).replace(/ts$/, 'js'));
  return twin.startsWith(join(packageRoot, 'dist/')) && existsSync(twin) ? twin : undefined;
}
