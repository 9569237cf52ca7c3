/** `npm run lint [-- FILE... or other arguments of eslint]`: looks through all TypeScript and JavaScript of the project. */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { runMain } from './main.ts';
import { packageRoot } from './tree.ts';

await runMain(async () => {
  const program = join(packageRoot, 'node_modules/eslint/bin/eslint.js');
  const args = ['--max-warnings=0', ...process.argv.slice(2)];
  return spawnSync(process.execPath, [program, ...args], { cwd: packageRoot, stdio: 'inherit' }).status ?? 1;
});
