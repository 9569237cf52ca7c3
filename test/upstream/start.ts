/**
 * `npm run test:upstream [-- WORD...]`: the kernel's own tests, of the same source: on the unpatched kernel; on the patched
 * one; and there with every thread a VP (`attach.c`). Prints a table, and what has come out otherwise, which fails the run.
 */

import { appendFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { chosenMachine } from '../../docker/commands/machine.ts';
import { Interruption } from '../../docker/interruption.ts';
import { kernelImage } from '../../docker/kernel/build.ts';
import { upstreamSelftests } from '../../docker/kernel/selftests.ts';
import { runMain } from '../../docker/main.ts';
import { packageRoot } from '../../docker/tree.ts';
import { runInGuest, type GuestProgram } from '../guest.ts';
import { countsOf, differences, resultsOf, type Results } from './compare.ts';
import { changedByManager, upstreamDirectories, upstreamPrograms, type UpstreamProgram } from './programs.ts';

/** Seconds for each program. */
const patience = 300;

const preloaded = join(packageRoot, 'build/native/test/upstream/attach.so');

interface Way {
  name: string;
  flavour: 'clean' | 'release';
  attached: boolean;
}

const [unpatched, patched, attached]: Way[] = [
  { name: 'unpatched', flavour: 'clean', attached: false },
  { name: 'patched', flavour: 'release', attached: false },
  { name: 'every thread a VP', flavour: 'release', attached: true },
];

const label = ({ directory, name, args = [] }: UpstreamProgram) => [`${directory}/${name}`, ...args].join(' ');

/** In a directory of its own, where it may write. */
const script = 'rm -rf /tmp/upstream && cp -a "$1" /tmp/upstream && cd /tmp/upstream && shift && exec "$@"';

function guestProgram(program: UpstreamProgram, built: string, { attached }: Way): GuestProgram {
  const { directory, name, args = [] } = program;
  const preload = attached ? ['env', `LD_PRELOAD=${preloaded}`] : [];
  return { name: label(program), path: '/bin/sh', args: ['-c', script, 'sh', join(built, directory), ...preload, `./${name}`, ...args] };
}

/** Of each program, in their order; the kernel may not complain. */
async function run(programs: readonly UpstreamProgram[], built: string, way: Way): Promise<Results[]> {
  using interruption = new Interruption();
  const kernel = await kernelImage(way.flavour);
  const machine = { ...(await chosenMachine({ smp: 2, memory: '2048M', kernel })), signal: interruption.signal };
  process.stderr.write(`${way.name}: ${programs.length} programs\n`);
  const { result, sections } = await runInGuest(machine, programs.map((program) => guestProgram(program, built, way)), patience);
  appendFileSync(join(built, `${way.name}.txt`), programs.map((program, index) => `@@ ${label(program)}\n${sections[index] ?? ''}`).join(''));
  interruption.signal.throwIfAborted();
  if (result.end !== 'program' || result.splats.length > 0) throw new Error(`${way.name}: the machine has ended: ${result.end}\n${result.splats.join('\n') || result.console.slice(-2000)}`);
  const all = programs.map((_, index) => resultsOf(sections[index] ?? ''));
  const lost = programs.filter((_, index) => notRun.includes(all[index]!.get('status')!));
  if (lost.length > 0) throw new Error(`${way.name}: not run: ${lost.map(label).join(', ')}`);
  return all;
}

/** What a shell ends with that has no such program, or may not run it; and nothing at all. Else it would fail everywhere, alike. */
const notRun = ['126', '127', 'none'];

/** What a program came to in each of its runs. */
type Runs = Map<UpstreamProgram, Results[]>;

/** The manager changes it; then the program's status says so, too. */
function isChanged(program: UpstreamProgram, name: string): boolean {
  return changedByManager.some((change) => change.program === label(program) && (change.result === name || name === 'status'));
}

/** Once each, and those that differ three times more, since some come out one way and the other by themselves. */
async function compare(before: Runs, after: Runs, isMeant: typeof isChanged, again: (programs: UpstreamProgram[]) => Promise<void>): Promise<string[]> {
  const differencesOf = (program: UpstreamProgram) => differences(before.get(program)!, after.get(program)!).filter(({ name }) => !isMeant(program, name));
  const differing = () => [...after.keys()].filter((program) => differencesOf(program).length > 0);
  for (let i = 0; i < 3 && differing().length > 0; i++) await again(differing());
  return differing().flatMap((program) =>
    differencesOf(program).map(({ name, before, after }) => `${label(program)}: ${name}: ${before.join(' or ')}, then ${after.join(' or ')}`),
  );
}

function table(ways: readonly [Way, Runs][]): string {
  const cell = (directory: string, runs: Runs) => {
    const { passed, failed, skipped } = countsOf([...runs].filter(([program]) => program.directory === directory).map(([, results]) => results[0]!));
    return `${passed} passed, ${failed} failed, ${skipped} skipped`;
  };
  const directories = new Set([...ways[0]![1].keys()].map(({ directory }) => directory));
  const rows = [...directories].map((directory) => [`\`${directory}\``, ...ways.map(([, runs]) => cell(directory, runs))]);
  const head = ['', ...ways.map(([{ name }]) => name)];
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |\n`).join('');
}

await runMain(async () => {
  const words = process.argv.slice(2);
  const programs = upstreamPrograms.filter((program) => words.length === 0 || words.some((word) => label(program).includes(word)));
  if (programs.length === 0) throw new RangeError(`${words.join(' ')}: no such program; the directories are ${upstreamDirectories.join(', ')}`);
  const built = await upstreamSelftests(upstreamDirectories);
  for (const name of readdirSync(built).filter((name) => name.endsWith('.txt'))) rmSync(join(built, name));
  const ways = [unpatched!, patched!, attached!].map((way): [Way, Runs] => [way, new Map<UpstreamProgram, Results[]>()]);
  const runMore = async (programs: readonly UpstreamProgram[], [way, runs]: [Way, Runs]) => {
    const results = await run(programs, built, way);
    for (const [index, program] of programs.entries()) runs.set(program, [...(runs.get(program) ?? []), results[index]!]);
  };
  for (const way of ways) await runMore(programs, way);
  const found: string[] = [];
  for (const [before, after] of [[0, 1], [1, 2]] as const) {
    const more = async (differing: UpstreamProgram[]) => {
      for (const index of [before, after]) await runMore(differing, ways[index]!);
    };
    const isMeant = ways[after]![0].attached ? isChanged : () => false;
    found.push(...(await compare(ways[before]![1], ways[after]![1], isMeant, more)).map((line) => `${ways[after]![0].name}: ${line}`));
  }
  process.stdout.write(`${table(ways)}\nWhat they have said: ${built}/*.txt\n${found.map((line) => `${line}\n`).join('')}`);
  return found.length > 0 ? 1 : 0;
});
