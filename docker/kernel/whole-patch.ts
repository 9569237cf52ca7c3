/** New files and hooks as one patch, for a clean tree: `patch -p1` or `git apply`. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { temporaryDirectory } from '../leftovers.ts';
import type { PatchedFiles } from './patch.ts';

export function wholePatch(pristine: string, files: PatchedFiles): string {
  const scratch = temporaryDirectory(tmpdir(), 'vpi-patch');
  try {
    return [...files].map(([path, file]) => {
      const changed = join(scratch, path);
      mkdirSync(dirname(changed), { recursive: true });
      writeFileSync(changed, file.content);
      const clean = join(pristine, path);
      const isNew = !existsSync(clean);
      const mode = file.executable ? '100755' : '100644';
      const header = `diff --git a/${path} b/${path}\n${isNew ? `new file mode ${mode}\n` : ''}`;
      const labels = ['--label', isNew ? '/dev/null' : `a/${path}`, '--label', `b/${path}`];
      return header + difference([...labels, isNew ? '/dev/null' : clean, changed]);
    }).join('');
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function difference(args: string[]): string {
  const result = spawnSync('diff', ['--unified', '--show-c-function', ...args], { encoding: 'utf8', maxBuffer: 1 << 26 });
  // 0: the same; 1: different; 2: trouble.
  if (result.error || result.status === 2) throw new Error(`diff failed: ${result.error?.message ?? result.stderr}`);
  return result.stdout;
}
