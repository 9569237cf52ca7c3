/** What others build with: the addon through cmake-js, and an installed libvpi through pkg-config. */

import { execFileSync, spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import t from 'tap';
import { buildAddon, nodeProgram } from '../docker/addon.ts';
import { packageRoot } from '../docker/tree.ts';

t.test('cmake-js builds the same addon as node-gyp', async (t) => {
  const built = spawnSync(process.execPath, [join(packageRoot, 'dist/docker/cmake-js.js')], { encoding: 'utf8' });
  t.equal(built.status, 0, 'it builds', { output: `${built.stdout}${built.stderr}`.split('\n').slice(-40) });
  const load = (path: string) => Object.keys(createRequire(import.meta.url)(path) as object);
  const names = load(join(packageRoot, 'build/cmake/Release/vpi.node'));
  t.ok(names.length > 0);
  t.strictSame(names, load(buildAddon(nodeProgram())));
});

const program = `
#include <stdio.h>
#include <vpi.h>

int main(void)
{
	return printf("%d\\n", vpi_get_cpu_count()) < 0;
}
`;

t.test('a C program with an installed libvpi', async (t) => {
  const directory = t.testdir({ 'program.c': program });
  execFileSync('cmake', ['--install', join(packageRoot, 'build/native')], { env: { ...process.env, DESTDIR: directory } });
  const installed = join(directory, 'usr/local');
  const flags = execFileSync('pkg-config', ['--cflags', '--libs', 'libvpi'], {
    encoding: 'utf8',
    env: { ...process.env, PKG_CONFIG_PATH: join(installed, 'lib/pkgconfig'), PKG_CONFIG_SYSROOT_DIR: directory },
  });
  execFileSync('gcc', ['-Wall', '-Wextra', '-Werror', '-o', 'program', 'program.c', ...flags.trim().split(' ')], { cwd: directory });
  const output = execFileSync('./program', { cwd: directory, encoding: 'utf8', env: { LD_LIBRARY_PATH: join(installed, 'lib') } });
  t.equal(output, execFileSync('nproc', { encoding: 'utf8' }));
});
