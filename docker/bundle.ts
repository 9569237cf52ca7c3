/**
 * Makes `dist/bundle/` of `lib/`: what `package.json` exports. Node takes a millisecond for each module that it loads, and every
 * processor loads all of them; so they are a few instead of eighty.
 */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
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

const outdir = join(packageRoot, 'dist/bundle');
rmSync(outdir, { recursive: true, force: true });
await build({
  absWorkingDir: packageRoot,
  entryPoints,
  outdir,
  bundle: true,
  // What two of them need is there once, as are its variables.
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  sourcemap: true,
  logLevel: 'warning',
});
