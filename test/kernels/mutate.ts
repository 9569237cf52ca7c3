/**
 * `npm run test:mutations [-- WORD...]`: builds the lockdep kernel without one line of `schedvpi.c` after the other (those whose name has
 * one of the words), runs the selftests on it until one has seen it, and prints which. One that none has seen fails the run.
 */

import { join } from 'node:path';
import { chosenMachine } from '../../docker/commands/machine.ts';
import { Interruption } from '../../docker/interruption.ts';
import { kernelSelftests } from '../../docker/kernel/selftests.ts';
import { findSource } from '../../docker/kernel/source.ts';
import { Trees } from '../../docker/kernel/trees.ts';
import { runMain } from '../../docker/main.ts';
import { packageRoot } from '../../docker/tree.ts';
import { behaviours, nameOf, runInGuest, type GuestProgram } from '../guest.ts';
import { mutated, mutations, type Mutation } from './mutations.ts';
import { outcomeOf } from './outcome.ts';

const path = 'kernel/schedvpi.c';

/** Seconds for each program: many a mutation makes somebody wait for ever. */
const patience = 120;

const trees = new Trees(findSource());

/** Path of the kernel; the tree is as it was. */
async function build(mutation: Mutation): Promise<string> {
  using lock = await trees.acquire();
  await trees.unpack(lock);
  await trees.patch('lockdep', lock, (files) => {
    const { content, executable } = files.get(path)!;
    return new Map(files).set(path, { content: Buffer.from(mutated(content.toString(), mutation)), executable });
  });
  try {
    await trees.configure('lockdep', lock);
    await trees.compile('lockdep', lock, () => {});
    return trees.image('lockdep', join(packageRoot, 'build/kernels/mutant'));
  } finally {
    await trees.patch('lockdep', lock);
  }
}

function programs(selftests: string): GuestProgram[] {
  const selftest = (name: string, ...args: string[]): GuestProgram => ({ name, path: '/usr/bin/env', args: ['VPI_SCALE=10', join(selftests, name), ...args] });
  return [...behaviours.map((name) => selftest(name)), selftest('race_test', '-f', 'race'), selftest('hold_stress', '-n', '5000'), selftest('vpi_stress', '-n', '5000')];
}

/** The first program that has seen it, and whether the kernel itself has. */
async function seenBy(kernel: string, selftests: string, signal: AbortSignal): Promise<string[]> {
  const machine = { ...(await chosenMachine({ smp: 2, memory: '2048M', kernel })), signal };
  const all = programs(selftests);
  const { result, sections } = await runInGuest(machine, all, patience, { untilFailure: true });
  const failed = all.flatMap((program, index) => {
    const { program: name, failed } = outcomeOf(nameOf(program), sections[index] ?? '');
    return failed.length > 0 && sections[index] !== undefined ? [name] : [];
  });
  if (failed.length === 0 && result.end === 'program' && sections.length < all.length) throw new Error(`only ${sections.length} of ${all.length} programs have run: ${result.stderr.toString().slice(-500)}`);
  const kernelSaw = result.splats.length > 0 || result.end !== 'program';
  return kernelSaw ? [...failed, 'the kernel itself'] : failed;
}

await runMain(async () => {
  const words = process.argv.slice(2);
  const chosen = mutations.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
  using interruption = new Interruption();
  const selftests = await kernelSelftests();
  let unseen = 0;
  for (const mutation of chosen) {
    const names = await seenBy(await build(mutation), selftests, interruption.signal);
    interruption.signal.throwIfAborted();
    if (names.length === 0) unseen++;
    process.stdout.write(`| ${mutation.name} | ${names.length > 0 ? names.map((name) => `\`${name}\``).join(', ') : '**nobody**'} |\n`);
  }
  return unseen > 0 ? 1 : 0;
});
