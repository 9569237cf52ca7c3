/** `npm run build:cmake`: the addon once more, by cmake-js and `native/CMakeLists.txt`, as `build/cmake/Release/vpi.node`. */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { nodeProgram } from './addon.ts';
import { runMain } from './main.ts';
import { packageRoot } from './tree.ts';

await runMain(async () => {
  const program = join(packageRoot, 'node_modules/cmake-js/bin/cmake-js');
  const out = join(packageRoot, 'build/cmake');
  const args = ['build', '--directory', join(packageRoot, 'native'), '--out', out, '--CDVPI_ADDON=ON', '--target', 'addon', '--prefer-make', '--parallel', '2'];
  // Node's npm package holds the headers, which cmake-js would download; it has no other way to be told.
  const env = { ...process.env, npm_config_nodedir: join(nodeProgram(), '../..') };
  return spawnSync(nodeProgram(), [program, ...args], { env, stdio: 'inherit' }).status ?? 1;
});
