/** The patch and the source that is installed here. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, copyFileSync, existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { kernelImage } from '../docker/kernel/build.ts';
import { flavourConfig, lostOptions } from '../docker/kernel/config.ts';
import { wholePatch } from '../docker/kernel/whole-patch.ts';
import { findSource } from '../docker/kernel/source.ts';
import { Trees } from '../docker/kernel/trees.ts';

t.test('the whole patch applies to a clean tree', async (t) => {
  const trees = new Trees(findSource());
  using lock = await trees.acquire();
  await trees.unpack(lock);
  const files = trees.patchedFiles();
  const clean = t.testdir();
  for (const path of files.keys()) {
    mkdirSync(dirname(join(clean, path)), { recursive: true });
    if (existsSync(join(trees.pristine, path))) copyFileSync(join(trees.pristine, path), join(clean, path));
  }
  const patch = wholePatch(trees.pristine, files);
  const result = spawnSync('patch', ['-p1', '--fuzz=0', '--batch'], { cwd: clean, input: patch, encoding: 'utf8' });
  t.equal(result.status, 0, 'patch is content', { said: result.stdout + result.stderr });
  for (const [path, file] of files) t.ok(readFileSync(join(clean, path)).equals(file.content), path);
});

t.test('the kernels are configured as docker/*.config say', async (t) => {
  for (const flavour of ['release', 'debug'] as const) {
    const config = readFileSync(join(dirname(await kernelImage(flavour)), 'config'), 'utf8');
    t.strictSame(lostOptions(flavourConfig(flavour), config), [], flavour);
  }
});
