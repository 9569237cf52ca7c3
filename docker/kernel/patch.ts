/**
 * What this project adds to the kernel: the new files, which stand in `kernel-patch/` as they are, and
 * the hooks, which are patches. Both together are a set of files that differ from the clean source.
 */

import { spawnSync } from 'node:child_process';
import { createHash, type Hash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { temporaryDirectory } from '../leftovers.ts';
import { packageRoot } from '../tree.ts';

export const patchDirectory = join(packageRoot, 'kernel-patch');

/** A file of the patched tree. */
export interface PatchedFile {
  content: Buffer;
  executable: boolean;
}

/** Paths relative to the kernel's tree, sorted. */
export type PatchedFiles = Map<string, PatchedFile>;

export class PatchFailed extends Error {}

/** Names in `patches/series`, in their order. */
export function patchSeries(patchDirectory: string): string[] {
  const lines = readFileSync(join(patchDirectory, 'patches/series'), 'utf8').split('\n');
  return lines.map((line) => line.replace(/#.*/, '').trim()).filter((name) => name !== '');
}

/** Feeds what a kernel's image depends on into a hash: the hooks and the new files, but no documentation and no tests. */
export function hashPatch(patchDirectory: string, hash: Hash): void {
  for (const name of patchSeries(patchDirectory)) {
    hash.update(`patch ${name}\0`).update(readFileSync(join(patchDirectory, 'patches', name)));
  }
  for (const path of newFiles(patchDirectory)) {
    if (/^(Documentation|tools)\//.test(path)) continue;
    hash.update(`file ${path}\0`).update(createHash('sha256').update(readFileSync(join(patchDirectory, path))).digest());
  }
}

/** The files that the patch adds or changes, made from the clean source in `pristine`, which stays as it is. */
export function patchedFiles(patchDirectory: string, pristine: string, version: string): PatchedFiles {
  const scratch = temporaryDirectory(tmpdir(), 'vpi-patch');
  try {
    const paths = new Set<string>();
    for (const name of patchSeries(patchDirectory)) {
      const patch = join(patchDirectory, 'patches', name);
      for (const path of touchedPaths(readFileSync(patch, 'utf8'))) {
        if (!paths.has(path)) copyIfThere(join(pristine, path), join(scratch, path));
        paths.add(path);
      }
      apply(patch, name, scratch, version);
    }
    const files = [...paths].map((path): [string, PatchedFile] => [path, readPatched(join(scratch, path), path)]);
    for (const path of newFiles(patchDirectory)) {
      if (existsSync(join(pristine, path))) throw new PatchFailed(`kernel-patch/${path} is a file of linux-source ${version} already`);
      files.push([path, readPatched(join(patchDirectory, path), path)]);
    }
    return new Map(files.sort(([a], [b]) => (a < b ? -1 : 1)));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function apply(patch: string, name: string, directory: string, version: string): void {
  const args = ['-p1', '--fuzz=0', '--batch', '--forward', '--no-backup-if-mismatch', '--reject-file=-', '-i', patch];
  const result = spawnSync('patch', args, { cwd: directory, encoding: 'utf8' });
  if (result.error) throw result.error;
  if (result.status !== 0) {
    throw new PatchFailed(`kernel-patch/patches/${name} does not apply to linux-source ${version}:\n${result.stdout}${result.stderr}`);
  }
}

/** Paths in a patch's file headers. */
export function touchedPaths(patch: string): string[] {
  const paths = [...patch.matchAll(/^(?:---|\+\+\+) [ab]\/(\S+)/gm)].map((match) => match[1]!);
  return [...new Set(paths)];
}

function newFiles(patchDirectory: string): string[] {
  const entries = readdirSync(patchDirectory, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(patchDirectory.length + 1));
  // The top level holds what is about the patch, not part of it.
  return paths.filter((path) => path.includes('/') && !path.startsWith('patches/')).sort();
}

function readPatched(path: string, name: string): PatchedFile {
  if (!existsSync(path)) throw new PatchFailed(`the patches remove ${name}; that is not supported`);
  return { content: readFileSync(path), executable: (statSync(path).mode & 0o111) !== 0 };
}

function copyIfThere(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  if (existsSync(from)) copyFileSync(from, to);
}

const manifestName = '.vpi-files';

/**
 * Brings `tree`, a copy of the clean source, to the state that `files` describe. Only files whose content
 * differs are written, so that a build there compiles only what depends on them.
 */
export function synchronize(tree: string, pristine: string, files: PatchedFiles): void {
  const manifest = join(tree, manifestName);
  const before = existsSync(manifest) ? readFileSync(manifest, 'utf8').split('\n').filter(Boolean) : [];
  const all = [...new Set([...before, ...files.keys()])];
  // Whenever this is cut short, the manifest names every file that may differ from the clean source.
  replaceFile(manifest, { content: Buffer.from(all.join('\n')), executable: false });
  for (const path of all) {
    const clean = join(pristine, path);
    const wanted = files.get(path) ?? (existsSync(clean) ? readPatched(clean, path) : undefined);
    const place = join(tree, path);
    if (!wanted) rmSync(place, { force: true });
    else if (!isSame(place, wanted)) replaceFile(place, wanted);
  }
  replaceFile(manifest, { content: Buffer.from([...files.keys()].join('\n')), executable: false });
}

function isSame(path: string, wanted: PatchedFile): boolean {
  if (!existsSync(path)) return false;
  const found = readPatched(path, path);
  return found.executable === wanted.executable && found.content.equals(wanted.content);
}

/** A new file under the old name: the old one may be a hard link shared with the clean source. */
function replaceFile(path: string, file: PatchedFile): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.vpi-new`;
  writeFileSync(temporary, file.content, { mode: file.executable ? 0o755 : 0o644 });
  renameSync(temporary, path);
}
