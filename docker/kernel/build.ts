/**
 * Builds kernels, or finds them in the cache.
 *
 *   kernel/SOURCE/pristine        the source as Debian has it
 *   kernel/SOURCE/patched         the same with our files in it (hard links, but for those)
 *   kernel/SOURCE/build-FLAVOUR   object files; reused by every later build
 *   kernel/SOURCE/lock            held by whoever changes one of these
 *   image/KEY                     finished kernels: bzImage, config, build.log
 */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Lock } from '../lock.ts';
import { CommandFailed, Interrupted, runLogged } from '../logged-command.ts';
import { publishDirectory } from '../publish.ts';
import { runSteps } from '../steps.ts';
import { cacheDirectory, packageRoot } from '../tree.ts';
import { flavourConfig, formatConfig, lostOptions, type Flavour } from './config.ts';
import { hashPatch, patchedFiles, synchronize, type PatchedFiles } from './patch.ts';
import { findSource, unpackSource, type KernelSource } from './source.ts';

const patchDirectory = join(packageRoot, 'kernel-patch');

/** Path of the flavour's bzImage, built if the cache does not have it. Says nothing if it has. */
export async function kernelImage(flavour: Flavour): Promise<string> {
  const source = findSource();
  const place = join(cacheDirectory('image'), cacheKey(source, flavour));
  const image = join(place, 'bzImage');
  if (!existsSync(image)) await buildKernel(source, flavour, place);
  return image;
}

/** Everything that the image depends on, as one name. */
export function cacheKey(source: KernelSource, flavour: Flavour): string {
  const compiler = execFileSync('gcc', ['--version'], { encoding: 'utf8' }).split('\n')[0]!;
  const hash = createHash('sha256').update(`${source.id}\0${compiler}\0${formatConfig(flavourConfig(flavour))}\0`);
  if (flavour !== 'clean') hashPatch(patchDirectory, hash);
  return `${flavour}-${hash.digest('hex').slice(0, 24)}`;
}

/** The patched files for the installed source, and the trees they belong to; the source is unpacked if need be. */
export async function patchedTrees(source: KernelSource): Promise<{ pristine: string; files: PatchedFiles }> {
  const trees = new Trees(source);
  using lock = await Lock.acquire(trees.lock, () => {});
  await trees.unpack(lock);
  return { pristine: trees.pristine, files: patchedFiles(patchDirectory, trees.pristine, source.version) };
}

async function buildKernel(source: KernelSource, flavour: Flavour, place: string): Promise<void> {
  const trees = new Trees(source);
  using lock = await Lock.acquire(trees.lock, () => process.stderr.write('Another kernel is being built; waiting for that.\n'));
  // That may have been the same one.
  if (existsSync(place)) return;
  process.stderr.write(`Building the ${flavour} kernel from linux-source ${source.version}\n`);
  await runSteps([
    { title: 'Unpack the source', run: () => trees.unpack(lock) },
    { title: 'Apply the patch', run: () => trees.patch(flavour, lock) },
    { title: 'Configure', run: () => trees.configure(flavour, lock) },
    { title: 'Compile', run: (progress) => trees.compile(flavour, lock, progress) },
    { title: 'Keep the result', run: () => trees.keep(flavour, place) },
  ]);
}

class Trees {
  readonly lock: string;
  readonly pristine: string;
  readonly #source: KernelSource;
  readonly #directory: string;
  readonly #log: string;

  constructor(source: KernelSource) {
    this.#source = source;
    this.#directory = cacheDirectory('kernel', source.id);
    this.#log = join(this.#directory, 'prepare.log');
    this.lock = join(this.#directory, 'lock');
    this.pristine = join(this.#directory, 'pristine');
  }

  async unpack(lock: Lock): Promise<void> {
    if (existsSync(this.pristine)) return;
    writeFileSync(this.#log, '');
    await unpackSource(this.#source, this.pristine, this.#log, [lock.fd]);
  }

  async patch(flavour: Flavour, lock: Lock): Promise<void> {
    if (flavour === 'clean') return;
    const files = patchedFiles(patchDirectory, this.pristine, this.#source.version);
    const tree = this.#tree(flavour);
    if (!existsSync(tree)) {
      await publishDirectory(tree, (temporary) =>
        runLogged('cp', ['-al', `${this.pristine}/.`, temporary], { log: this.#log, keep: [lock.fd] }),
      );
    }
    synchronize(tree, this.pristine, files);
  }

  async configure(flavour: Flavour, lock: Lock): Promise<void> {
    const objects = this.#objects(flavour);
    // Its last make was killed: an object file may be half written and look finished.
    if (existsSync(this.#underway(flavour))) rmSync(objects, { recursive: true, force: true });
    mkdirSync(objects, { recursive: true });

    const wanted = flavourConfig(flavour);
    const fragment = join(objects, 'vpi.config');
    const text = formatConfig(wanted);
    writeFileSync(this.#buildLog(flavour), '');
    writeFileSync(fragment, text);
    const env = { ...process.env, KCONFIG_ALLCONFIG: fragment };
    await this.#make(flavour, ['allnoconfig'], lock, { env });
    const lost = lostOptions(wanted, readFileSync(join(objects, '.config'), 'utf8'));
    if (lost.length > 0) throw new Error(`The ${flavour} kernel's configuration was not kept (see docker/*.config):\n  ${lost.join('\n  ')}`);
  }

  async compile(flavour: Flavour, lock: Lock, progress: (text: string) => void): Promise<void> {
    let compiled = 0;
    const line = (text: string) => {
      if (/^\s+(CC|AS)\s/.test(text)) progress(`${++compiled} files compiled`);
    };
    await this.#make(flavour, [`-j${availableParallelism()}`, 'bzImage'], lock, { line });
  }

  async keep(flavour: Flavour, place: string): Promise<void> {
    const objects = this.#objects(flavour);
    await publishDirectory(place, (temporary) => {
      copyFileSync(join(objects, 'arch/x86/boot/bzImage'), join(temporary, 'bzImage'));
      copyFileSync(join(objects, '.config'), join(temporary, 'config'));
      copyFileSync(this.#buildLog(flavour), join(temporary, 'build.log'));
    });
  }

  async #make(
    flavour: Flavour,
    targets: string[],
    lock: Lock,
    options: { env?: NodeJS.ProcessEnv; line?: (text: string) => void },
  ): Promise<void> {
    const underway = this.#underway(flavour);
    const log = this.#buildLog(flavour);
    writeFileSync(underway, '');
    try {
      const args = ['-C', this.#tree(flavour), `O=${this.#objects(flavour)}`, ...reproducible, ...compilers(), ...targets];
      await runLogged('make', args, { log, keep: [lock.fd], ...options });
    } catch (error) {
      if (!mayLeaveTornFiles(error, log)) rmSync(underway);
      throw error;
    }
    rmSync(underway);
  }

  #tree(flavour: Flavour): string {
    return flavour === 'clean' ? this.pristine : join(this.#directory, 'patched');
  }

  #objects(flavour: Flavour): string {
    return join(this.#directory, `build-${flavour}`);
  }

  /** There while a make works in the object tree. */
  #underway(flavour: Flavour): string {
    return join(this.#directory, `build-${flavour}.underway`);
  }

  #buildLog(flavour: Flavour): string {
    return join(this.#directory, `build-${flavour}.log`);
  }
}

/** A make that fails or is asked to end removes what it was making; one that is killed, or has no space left, may not. */
function mayLeaveTornFiles(error: unknown, log: string): boolean {
  if (error instanceof Interrupted) return false;
  return !(error instanceof CommandFailed) || error.signal === 'SIGKILL' || readFileSync(log, 'utf8').includes('No space left on device');
}

const reproducible = ['KBUILD_BUILD_TIMESTAMP=2026-01-01', 'KBUILD_BUILD_VERSION=1', 'KBUILD_BUILD_USER=vpi', 'KBUILD_BUILD_HOST=vpi'];

function compilers(): string[] {
  return existsSync('/usr/bin/ccache') ? ['CC=ccache gcc', 'HOSTCC=ccache gcc'] : [];
}
