/** `examples/wc-threads`: its counts are those of wc. */

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Results } from '../program.ts';

const program = fileURLToPath(import.meta.resolve('../../examples/wc-threads/main.js'));
const root = join(import.meta.dirname, '../../..');

function outcome(command: string, args: string[]) {
  const { stdout, stderr, status } = spawnSync(command, args, { cwd: root, encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
  return { stdout, stderr, status };
}

function compare(t: Results, files: string[]): string {
  const [wanted, found] = [outcome('wc', files), outcome(process.execPath, [program, ...files])];
  t.ok(found.stdout === wanted.stdout, 'the output is that of wc');
  t.equal(found.status, wanted.status, 'and the status');
  if (found.stdout !== wanted.stdout) t.comment(JSON.stringify({ wanted, found }));
  return found.stderr;
}

t.test("the repository's Markdown files, and its sources", (t) => {
  // What is installed is much more, and takes minutes to be found in the VM.
  const directories = ['docs', 'examples', 'kernel-patch', 'lib', 'test'];
  const found = directories.flatMap((name) => readdirSync(join(root, name), { recursive: true, encoding: 'utf8' }).map((path) => join(name, path)));
  const files = ['README.md', ...found.filter((path) => /\.(md|ts)$/.test(path)).sort()];
  t.ok(files.length > 130, `${files.length} files, more than may be open at once`);
  t.match(compare(t, files), /^wc: \d+ threads, [1-9]\d* blocks/m, 'threads have blocked');
});

t.test('one file, no file, a directory', (t) => {
  compare(t, ['README.md']);
  t.match(compare(t, ['README.md', 'no-such-file', 'docs']), /^wc: no-such-file: no such file/m);
});
