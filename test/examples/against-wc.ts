/** An example that counts words, beside wc. */

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Results } from '../program.ts';

export const root = join(import.meta.dirname, '../../..');

/** Files below the directories, by their paths from the root of the repository. */
export function filesIn(directories: string[]): string[] {
  const found = directories.flatMap((name) =>
    readdirSync(join(root, name), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name)),
  );
  return found.map((path) => path.slice(root.length + 1)).sort();
}

function outcome(command: string, args: string[]) {
  const { stdout, stderr, status } = spawnSync(command, args, { cwd: root, encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' }, maxBuffer: 2 ** 26 });
  return { stdout, stderr, status };
}

/** What the program wrote to stderr, after it has been compared. */
export function compare(t: Results, program: string, files: string[]): string {
  const [wanted, found] = [outcome('wc', files), outcome(process.execPath, [program, ...files])];
  t.ok(found.stdout === wanted.stdout, 'the output is that of wc');
  t.equal(found.status, wanted.status, 'and the status');
  if (found.stdout !== wanted.stdout) t.comment(JSON.stringify({ wanted, found }));
  return found.stderr;
}
