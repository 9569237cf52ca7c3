/** `npm run demo [-- FILE...]`: boots the VM and counts the words of FILEs, default: all Markdown in the working tree. */

import { existsSync, readdirSync } from 'node:fs';
import { runFile } from './commands/run.ts';
import { runMain } from './main.ts';
import { packageRoot } from './tree.ts';

const example = 'examples/wc/main.ts';

/** Markdown files below `directory`, relative to it, installed packages' too; nothing that was built. */
function markdownFiles(directory: string): string[] {
  const skipped = /^(build|dist|\.[^/]*)\//;
  const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return paths.filter((path) => path.endsWith('.md') && !skipped.test(path)).sort();
}

await runMain(async () => {
  process.chdir(packageRoot);
  const named = process.argv.slice(2);
  const missing = named.find((file) => !existsSync(file));
  if (missing !== undefined) throw new Error(`${missing}: no such file`);
  const files = named.length > 0 ? named : markdownFiles('.');
  process.stderr.write(`Booting the VM to run ${example} on ${files.length} ${named.length > 0 ? 'files' : 'Markdown files'}\n`);
  return runFile(example, files, { smp: 2, memory: '2048M' });
});
