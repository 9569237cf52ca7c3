/** `npm run demo`: words of all Markdown files in the working tree, hundreds of them, each counted by a thread that blocks. */

import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { packageRoot } from '../docker/tree.ts';

function demo(...files: string[]) {
  return spawnSync('env', ['--unset=NODE_OPTIONS', '--unset=NODE_V8_COVERAGE', process.execPath, join(packageRoot, 'dist/docker/demo.js'), ...files], { encoding: 'utf8' });
}

function wc(files: string[]): string {
  return execFileSync('wc', files, { cwd: packageRoot, encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
}

t.test('all Markdown files', async (t) => {
  const find = ['.', '-name', '*.md', '-not', '-path', './build/*', '-not', '-path', './dist/*', '-not', '-path', './.*'];
  const found = execFileSync('find', find, { cwd: packageRoot, encoding: 'utf8' });
  const files = found.trimEnd().split('\n').map((path) => path.slice(2)).sort();
  t.ok(files.length > 300, `${files.length} files`);
  const { stdout, stderr, status } = demo();
  t.equal(stdout, wc(files), 'what wc prints', { stderr });
  t.match(stderr, `on ${files.length} Markdown files`);
  t.match(stderr, /^wc: [1-9]\d* blocks, [1-9]\d* upcalls, [1-9]\d* VPs/m, 'there were upcalls');
  t.equal(status, 0);
});

t.test('files by name', async (t) => {
  t.equal(demo('README.md').stdout, wc(['README.md']));
  const missing = demo('README.md', 'no-such-file');
  t.match(missing.stderr, /no-such-file: no such file/);
  t.not(missing.status, 0);
});
