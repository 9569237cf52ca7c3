/**
 * Makes `dist/bundle/` of `lib/`: what `package.json` exports. Node takes a millisecond for each module that it loads, and every
 * processor loads all of them; so they are a few instead of eighty.
 *
 * `package.json` names the binding of rolldown, too: Debian's npm leaves out an optional package that wants a newer Node than its own.
 */

import { join } from 'node:path';
import { build } from 'rolldown';
import { packageRoot } from './tree.ts';

/**
 * What is loaded by its name, from outside or from another isolate. All stand in one directory, since what code is shared stands there,
 * too, and looks for them beside itself (`import.meta.url`).
 */
const entryPoints = {
  vpi: 'lib/vpi/index.ts',
  sys: 'lib/sys/index.ts',
  templates: 'lib/templates/index.ts',
  threads: 'lib/threads/index.ts',
  worker: 'lib/vpi/worker.ts',
  system: 'lib/threads/system.ts',
  'start-worker': 'lib/threads/start-worker.ts',
};

// What several of them need is there once, as are its variables; and `const` stays `const`, which V8 makes better code of.
await build({
  cwd: packageRoot,
  input: entryPoints,
  platform: 'node',
  output: {
    dir: join(packageRoot, 'dist/bundle'),
    cleanDir: true,
    format: 'esm',
    sourcemap: true,
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
  },
  logLevel: 'warn',
});
