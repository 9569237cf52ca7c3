/** Builds the guest's first program from `docker/guest`, and the archive that carries it. */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publishDirectory } from '../publish.ts';
import { cacheDirectory, packageRoot } from '../tree.ts';
import { archive, emptyDirectory, executable } from './cpio.ts';

const flags = ['-static', '-Os', '-s', '-std=gnu11', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror'];

/** Path of the archive with `/init`; compiled at first use and whenever its source changes. */
export async function guestArchive(): Promise<string> {
  const source = join(packageRoot, 'docker/guest');
  const names = readdirSync(source).sort();
  const digest = createHash('sha256').update(flags.join(' '));
  for (const name of names) digest.update(name).update(readFileSync(join(source, name)));

  const place = join(cacheDirectory('init'), digest.digest('hex').slice(0, 16));
  if (!existsSync(place)) {
    const units = names.filter((name) => name.endsWith('.c')).map((name) => join(source, name));
    await publishDirectory(place, (temporary) => {
      const program = join(temporary, 'init');
      execFileSync('gcc', [...flags, '-o', program, ...units], { stdio: ['ignore', 'inherit', 'inherit'] });
      const files = [...['dev', 'proc', 'sys', 'run', 'tmp'].map(emptyDirectory), executable('init', readFileSync(program))];
      writeFileSync(join(temporary, 'initramfs.cpio'), archive(files));
    });
  }
  return join(place, 'initramfs.cpio');
}
