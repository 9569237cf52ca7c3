/** Patches apply strictly, and a tree is changed only where it must be. */

import { chmodSync, linkSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execFileSync } from 'node:child_process';
import t, { type Test } from 'tap';
import { patchedFiles, patchSeries, synchronize, touchedPaths } from '../docker/kernel/patch.ts';
import { wholePatch } from '../docker/kernel/whole-patch.ts';

const lines = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];
const hook = `Why this is there.
---
--- a/kernel/core.c
+++ b/kernel/core.c
@@ -2,6 +2,7 @@
 two
 three
 four
+hook
 five
 six
 seven
`;

function write(directory: string, files: Record<string, string>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  return directory;
}

function setting(t: Test, core: string[] = lines) {
  const directory = t.testdir();
  const pristine = write(join(directory, 'pristine'), { 'kernel/core.c': `${core.join('\n')}\n`, 'kernel/other.c': 'other\n', Kconfig: '' });
  const patch = write(join(directory, 'patch'), {
    'patches/series': '# in this order\n0001-hook.patch\n',
    'patches/0001-hook.patch': hook,
    'kernel/new.c': 'new\n',
    'tools/run.sh': '#!/bin/sh\n',
    'README.md': 'about the patch, not part of it\n',
  });
  chmodSync(join(patch, 'tools/run.sh'), 0o755);
  return { directory, pristine, patch };
}


t.test('hooks and new files', async (t) => {
  const { pristine, patch } = setting(t);
  const files = patchedFiles(patch, pristine, '6.12.0');
  t.strictSame([...files.keys()], ['kernel/core.c', 'kernel/new.c', 'tools/run.sh']);
  t.equal(files.get('kernel/core.c')!.content.toString(), 'one\ntwo\nthree\nfour\nhook\nfive\nsix\nseven\neight\n');
  t.equal(files.get('tools/run.sh')!.executable, true);
  t.equal(readFileSync(join(pristine, 'kernel/core.c'), 'utf8'), `${lines.join('\n')}\n`, 'the clean source stays');
});

t.test('moved context applies, changed context does not', async (t) => {
  const moved = setting(t, ['zero', 'and a half', ...lines]);
  t.match(patchedFiles(moved.patch, moved.pristine, '6.12.0').get('kernel/core.c')!.content.toString(), /four\nhook\nfive/);
  const changed = setting(t, lines.map((line) => (line === 'two' ? 'changed' : line)));
  t.throws(() => patchedFiles(changed.patch, changed.pristine, '6.12.99-1'), {
    message: /0001-hook\.patch does not apply to linux-source 6\.12\.99-1/,
  });
  t.strictSame(readdirSync(join(changed.pristine, 'kernel')).sort(), ['core.c', 'other.c'], 'nothing is left behind');
});

t.test('a new file that the source has already', async (t) => {
  const { pristine, patch } = setting(t);
  write(pristine, { 'kernel/new.c': 'theirs\n' });
  t.throws(() => patchedFiles(patch, pristine, '6.12.0'), { message: /kernel\/new\.c is a file of linux-source 6\.12\.0 already/ });
});

t.test('a tree is written only where it differs, and its clean twin never', async (t) => {
  const { directory, pristine, patch } = setting(t);
  const tree = join(directory, 'tree');
  for (const path of ['kernel/core.c', 'kernel/other.c', 'Kconfig']) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    linkSync(join(pristine, path), join(tree, path));
  }
  const inode = (path: string) => statSync(join(tree, path)).ino;

  synchronize(tree, pristine, patchedFiles(patch, pristine, '6.12.0'));
  t.match(readFileSync(join(tree, 'kernel/core.c'), 'utf8'), /hook/);
  t.notMatch(readFileSync(join(pristine, 'kernel/core.c'), 'utf8'), /hook/);
  t.equal(statSync(join(tree, 'tools/run.sh')).mode & 0o111, 0o111);

  const before = ['kernel/core.c', 'kernel/other.c', 'kernel/new.c'].map(inode);
  write(patch, { 'kernel/new.c': 'newer\n' });
  synchronize(tree, pristine, patchedFiles(patch, pristine, '6.12.0'));
  const after = ['kernel/core.c', 'kernel/other.c', 'kernel/new.c'].map(inode);
  t.strictSame(after.slice(0, 2), before.slice(0, 2), 'untouched files are not written');
  t.not(after[2], before[2], 'the changed one is');

  write(patch, { 'patches/series': '' });
  synchronize(tree, pristine, patchedFiles(patch, pristine, '6.12.0'));
  t.equal(readFileSync(join(tree, 'kernel/core.c'), 'utf8'), `${lines.join('\n')}\n`, 'a hook that is gone is taken back');
  synchronize(tree, pristine, new Map());
  t.equal(existsSync(join(tree, 'kernel/new.c')), false, 'and so is a file');
});

t.test('the whole patch gives the same tree again', async (t) => {
  const { directory, pristine, patch } = setting(t);
  const files = patchedFiles(patch, pristine, '6.12.0');
  const whole = join(directory, 'whole.patch');
  writeFileSync(whole, wholePatch(pristine, files));
  execFileSync('patch', ['-p1', '--fuzz=0', '-s', '-i', whole], { cwd: pristine });
  for (const [path, file] of files) t.equal(readFileSync(join(pristine, path), 'utf8'), file.content.toString(), path);
});

t.test('reading series and paths', async (t) => {
  const { patch } = setting(t);
  t.strictSame(patchSeries(patch), ['0001-hook.patch']);
  t.strictSame(touchedPaths(hook), ['kernel/core.c']);
});
