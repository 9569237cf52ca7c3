/** `npm start`: boots the VM and runs the C example on the Markdown files of the working tree. */

import { existsSync, readdirSync } from 'node:fs';
import { runFile } from './commands/run.ts';
import { runMain } from './main.ts';
import { packageRoot } from './tree.ts';

const example = 'build/native/examples/wordcount';

/** Markdown files below `directory`, relative to it; nothing that was installed or built. */
function markdownFiles(directory: string): string[] {
  const skipped = /(^|\/)(node_modules|build|dist|\.[^/]*)(\/|$)/;
  const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return paths.filter((path) => path.endsWith('.md') && !skipped.test(path)).sort();
}

await runMain(async () => {
  process.chdir(packageRoot);
  if (!existsSync(example)) throw new Error(`${example} is not built: native/CMakeLists.txt does not make it`);
  const files = markdownFiles('.');
  process.stderr.write(`Booting the VM to run ${example} on ${files.length} Markdown files\n`);
  return runFile(`./${example}`, files, { smp: 2, memory: '2048M' });
});
