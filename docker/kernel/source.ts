/** The kernel's source, as Debian's package `linux-source-6.12` brings it. */

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { runLogged } from '../logged-command.ts';
import { publishDirectory } from '../publish.ts';

export interface KernelSource {
  tarball: string;
  /** Debian's version of the package, such as `6.12.117-1~deb12u1`. */
  version: string;
  /** Names this very source; fit for a file name. */
  id: string;
}

const packageName = 'linux-source-6.12';
const tarball = `/usr/src/${packageName}.tar.xz`;

export function findSource(): KernelSource {
  if (!existsSync(tarball)) throw new Error(`${tarball} is missing: apt-get install ${packageName}`);
  const version = execFileSync('dpkg-query', ['-W', '-f', '${Version}', packageName], { encoding: 'utf8' });
  return { tarball, version, id: `${version}-${statSync(tarball).size}` };
}

/** Unpacks the source to `directory`, whole or not at all. */
export async function unpackSource(source: KernelSource, directory: string, log: string, keep: number[]): Promise<void> {
  await publishDirectory(directory, async (temporary) => {
    const args = ['--extract', '--xz', '--file', source.tarball, '--directory', temporary, '--no-same-owner'];
    await runLogged('tar', [...args, '--strip-components=1'], { log, keep });
    if (!readdirSync(temporary).includes('Kconfig')) throw new Error(`${source.tarball} holds no kernel source`);
  });
}
