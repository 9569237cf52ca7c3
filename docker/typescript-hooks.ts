/**
 * Preloaded by Node in the VM: gives it the JavaScript that was made of TypeScript files, in their names. So
 * imports, `import.meta` and the lines in a stack are those of the sources, and Node itself erases no types:
 * it does so with WebAssembly, in the isolate that VPs share. The query of this module's URL names the file with them.
 */

import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Transpiled } from './transpile.ts';

const file = new URL(import.meta.url).searchParams.get('transpiled')!;
const transpiled = JSON.parse(readFileSync(file, 'utf8')) as Transpiled;

registerHooks({
  resolve(specifier, context, nextResolve) {
    try {
      return nextResolve(specifier, context);
    } catch (error) {
      // TypeScript may be imported by the name of the JavaScript that it becomes.
      const url = URL.parse(specifier.replace(/js$/, 'ts'), context.parentURL)?.href;
      if (url === undefined || transpiled[url] === undefined) throw error;
      return { url, format: 'module', shortCircuit: true };
    }
  },
  load(url, context, nextLoad) {
    const source = transpiled[url];
    if (source !== undefined) return { format: 'module', source, shortCircuit: true };
    if (!/\.[cm]?ts$/.test(url)) return nextLoad(url, context);
    throw new Error(`${fileURLToPath(url)} is not compiled: vpi run compiles its FILE and what that imports by relative names`);
  },
});
