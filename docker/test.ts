/** `npm test`: makes the kernels, runs all tests as one TAP tree, and says how many passed. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { Parser } from 'tap-parser';
import { kernelImage } from './kernel/build.ts';
import { runMain } from './main.ts';
import { packageRoot } from './tree.ts';

const usage = 'npm test [-- FILE...]; npm run test:long repeats more';

await runMain(async () => {
  process.chdir(packageRoot);
  const args = process.argv.slice(2);
  const long = args.includes('--long');
  const files = args.filter((arg) => arg !== '--long');
  if (files.some((file) => file.startsWith('-'))) throw new Error(usage);

  await kernelImage('release');
  await kernelImage('debug');

  mkdirSync('build', { recursive: true });
  const output = 'build/test.tap';
  // Where nobody watches, the tree itself is the output; tap would print it twice if it also wrote the file.
  const watched = process.stdout.isTTY;
  const report = watched ? ['--reporter=base', `--output-file=${output}`] : ['--reporter=tap'];
  const tap = [join(packageRoot, 'node_modules/tap/dist/esm/run.mjs'), ...report, ...(long ? ['--timeout=0'] : []), ...files];
  const child = spawn(process.execPath, tap, {
    stdio: ['inherit', watched ? 'inherit' : 'pipe', 'inherit'],
    env: { ...process.env, ...(long && { VPI_TEST_LONG: '1' }) },
  });
  const closed = once(child, 'close') as Promise<[number | null]>;
  if (child.stdout) {
    child.stdout.pipe(process.stdout, { end: false });
    await finished(child.stdout.pipe(createWriteStream(output)));
  }
  const [code] = await closed;

  const assertions = Parser.parse(readFileSync(output, 'utf8'), { flat: true }).filter(([type]) => type === 'assert');
  const results = assertions.map(([, result]) => result as { ok: boolean; skip?: unknown; todo?: unknown });
  const count = (wanted: (result: (typeof results)[0]) => boolean) => results.filter(wanted).length;
  const skipped = count((result) => Boolean(result.skip));
  const failed = count((result) => !result.ok && !result.skip && !result.todo);
  process.stdout.write(`\n${results.length - failed - skipped} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}\n`);
  return code ?? 1;
});
