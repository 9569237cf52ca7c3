/** The kernel's configuration: fragments with a comment per option, and the check that each line was kept. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../tree.ts';

/**
 * `release`: patched, fast. `debug`: patched, with every check that the kernel has for its own bugs.
 * `clean`: Debian's source as it is, configured as `release`; to measure against.
 * `off`: patched, without CONFIG_SCHEDVPI; its code is compared with that of `clean`.
 * `check`: as `release`, for checkers, whose flags must not touch the objects of `release`.
 * `lockdep`, `kasan`, `kcsan`, `rt`, `up`: patched; see `docker/FLAVOUR.config`. For `npm run test:kernels`.
 */
export type Flavour = 'release' | 'clean' | 'off' | 'check' | DebugFlavour;

/** Those that have a fragment of their own, over that of `release`. */
const debugFlavours = ['debug', 'lockdep', 'kasan', 'kcsan', 'rt', 'up'] as const;
type DebugFlavour = (typeof debugFlavours)[number];

/** Option to value, as in a `.config`: `y`, `n`, a number or a quoted string. */
export type Config = Map<string, string>;

/** Reads `CONFIG_X=value   # why`, one a line. Later lines override earlier ones. */
export function parseFragment(text: string): Config {
  const config: Config = new Map();
  for (const [index, line] of text.split('\n').entries()) {
    const bare = line.replace(/#.*/, '').trim();
    if (bare === '') continue;
    const match = /^(CONFIG_\w+)=(\S.*)$/.exec(bare);
    if (!match) throw new Error(`line ${index + 1} of the configuration is no CONFIG_NAME=value: ${line}`);
    config.set(match[1]!, match[2]!);
  }
  return config;
}

export function flavourConfig(flavour: Flavour): Config {
  const config = readFragment('kernel.config');
  const debug = debugFlavours.find((name) => name === flavour);
  if (debug) for (const [option, value] of readFragment(`${debug}.config`)) config.set(option, value);
  if (flavour === 'clean' || flavour === 'off') config.delete('CONFIG_SCHEDVPI');
  return config;
}

function readFragment(name: string): Config {
  return parseFragment(readFileSync(join(packageRoot, 'docker', name), 'utf8'));
}

export function formatConfig(config: Config): string {
  return [...config].map(([option, value]) => `${option}=${value}\n`).join('');
}

/** Lines of `wanted` that a finished `.config` does not have; an option that is missing there is `n`. */
export function lostOptions(wanted: Config, finished: string): string[] {
  const found = new Map(finished.split('\n').map((line) => line.split(/=(.*)/s, 2) as [string, string]));
  const lost: string[] = [];
  for (const [option, value] of wanted) {
    const actual = found.get(option) ?? 'n';
    if (actual !== value) lost.push(`${option}=${value} became ${actual}`);
  }
  return lost;
}
