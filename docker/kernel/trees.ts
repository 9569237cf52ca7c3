/**
 * The trees that kernels are built in. They outlive a build: the next one compiles what has changed.
 *
 *   kernel/SOURCE/pristine        the source as Debian has it
 *   kernel/SOURCE/patched         the same with our files in it (hard links, but for those)
 *   kernel/SOURCE/build-FLAVOUR   object files
 *   kernel/SOURCE/lock            held by whoever changes one of these
 */

import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { Lock } from '../lock.ts';
import { Interrupted } from '../interruption.ts';
import { CommandFailed, runLogged } from '../logged-command.ts';
import { publishDirectory } from '../publish.ts';
import { cacheDirectory, packageRoot } from '../tree.ts';
import { flavourConfig, formatConfig, lostOptions, type Flavour } from './config.ts';
import { patchDirectory, patchedFiles, synchronize, type PatchedFiles } from './patch.ts';
import { unpackSource, type KernelSource } from './source.ts';

export class Trees {
  readonly pristine: string;
  readonly #lock: string;
  readonly #source: KernelSource;
  readonly #directory: string;
  readonly #log: string;

  constructor(source: KernelSource) {
    this.#source = source;
    this.#directory = cacheDirectory('kernel', source.id);
    this.#log = join(this.#directory, 'prepare.log');
    this.#lock = join(this.#directory, 'lock');
    this.pristine = join(this.#directory, 'pristine');
  }

  /** Everything below must be called by the holder of this lock only. */
  acquire(): Promise<Lock> {
    return Lock.acquire(this.#lock, () => process.stderr.write('Another kernel build is running; waiting for it to end\n'));
  }

  async unpack(lock: Lock): Promise<void> {
    if (existsSync(this.pristine)) return;
    writeFileSync(this.#log, '');
    await unpackSource(this.#source, this.pristine, this.#log, [lock.fd]);
  }

  /** `change` makes other files of those of the patch. */
  async patch(flavour: Flavour, lock: Lock, change = (files: PatchedFiles): PatchedFiles => files): Promise<void> {
    if (flavour === 'clean') return;
    const files = change(this.patchedFiles());
    const tree = this.#tree(flavour);
    if (!existsSync(tree)) {
      await publishDirectory(tree, (temporary) =>
        runLogged('cp', ['-al', `${this.pristine}/.`, temporary], { log: this.#log, keep: [lock.fd] }),
      );
    }
    synchronize(tree, this.pristine, files);
  }

  /** The files that the patch adds or changes. */
  patchedFiles(): PatchedFiles {
    return patchedFiles(patchDirectory, this.pristine, this.#source.version);
  }

  /** Builds the kernel's own tests of VPI, which need its tree, into `output`. */
  async selftests(output: string, lock: Lock): Promise<void> {
    writeFileSync(this.#log, '');
    const directory = join(this.#tree('release'), 'tools/testing/selftests/vpi');
    const headers = join(packageRoot, 'kernel-patch/include/uapi');
    await this.#makeTests(directory, output, headers, lock);
  }

  /** Builds tests of the unpatched tree, each directory of them into the one of that name below `output`. */
  async upstream(directories: readonly string[], output: string, lock: Lock): Promise<void> {
    await this.#make('clean', ['headers'], lock, {});
    const headers = join(this.#objects('clean'), 'usr/include');
    for (const directory of directories) {
      const source = join(this.pristine, 'tools/testing/selftests', directory);
      await this.#makeTests(source, join(output, directory), headers, lock);
    }
  }

  async #makeTests(source: string, output: string, headers: string, lock: Lock): Promise<void> {
    const args = ['-C', source, `OUTPUT=${output}`, `KHDR_INCLUDES=-isystem ${headers}`, `-j${availableParallelism()}`];
    await runLogged('make', args, { log: this.#log, keep: [lock.fd] });
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
      if (/^\s+(CC|AS)\s/.test(text) && ++compiled % 10 === 0) progress(`${compiled} files compiled`);
    };
    await this.#make(flavour, [`-j${availableParallelism()}`, 'bzImage'], lock, { line });
  }

  /** Makes one object file anew, with more variables for make if need be. Returns its path, and what make said. */
  async object(flavour: Flavour, path: string, lock: Lock, variables: string[] = []): Promise<{ file: string; said: string }> {
    await this.unpack(lock);
    await this.patch(flavour, lock);
    await this.configure(flavour, lock);
    const file = join(this.#objects(flavour), path);
    rmSync(file, { force: true });
    writeFileSync(this.#buildLog(flavour), '');
    await this.#make(flavour, [`-j${availableParallelism()}`, ...variables, path], lock, {});
    return { file, said: readFileSync(this.#buildLog(flavour), 'utf8') };
  }

  async keep(flavour: Flavour, place: string): Promise<void> {
    const objects = this.#objects(flavour);
    await publishDirectory(place, (temporary) => {
      copyFileSync(join(objects, 'arch/x86/boot/bzImage'), join(temporary, 'bzImage'));
      copyFileSync(join(objects, '.config'), join(temporary, 'config'));
      copyFileSync(this.#buildLog(flavour), join(temporary, 'build.log'));
    });
  }

  /** Copies the kernel that was compiled last to `path`, and returns that. */
  image(flavour: Flavour, path: string): string {
    mkdirSync(dirname(path), { recursive: true });
    copyFileSync(join(this.#objects(flavour), 'arch/x86/boot/bzImage'), path);
    return path;
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
