/**
 * `npm run test:kernels [-- NAME...]`: builds each kernel of `runs.ts` (those whose name has one of the words), runs everything
 * of ours on it, and prints a table. What has been run, and was good, on the same kernel is not run again; `--again` does.
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { chosenMachine } from '../../docker/commands/machine.ts';
import { Interruption } from '../../docker/interruption.ts';
import { kernelImage } from '../../docker/kernel/build.ts';
import { kernelSelftests } from '../../docker/kernel/selftests.ts';
import { runMain } from '../../docker/main.ts';
import { packageRoot } from '../../docker/tree.ts';
import { behaviours, nameOf, runInGuest, type GuestProgram } from '../guest.ts';
import { checkNoise, withNoise } from './noise.ts';
import { complaintsOf, failuresOf, isGood, outcomeOf, tableOf, type KernelOutcome } from './outcome.ts';
import { chosenByName, kernelRuns, type KernelRun } from './runs.ts';

const directory = join(packageRoot, 'build/kernels');

/** Seconds for each program. */
const patience = 3600;

/** Seconds of the guest without any progress, for those that look at it themselves. */
const hang = '120';

/** Each with its scale; those that count by themselves are given the number. */
function programsFor(scale: number, selftests: string) {
  const selftest = (name: string, ...args: string[]): GuestProgram => ({ name, path: '/usr/bin/env', args: [`VPI_SCALE=${scale}`, join(selftests, name), ...args] });
  const drawn = (name: string, ...args: string[]): GuestProgram => ({ name, path: join(packageRoot, 'build/native/test', name, name), args: ['--seed', '1', '--patience', hang, ...args] });
  const part = (n: number) => String(Math.ceil((n * scale) / 100));
  return {
    behaviours: [...behaviours.map((name) => selftest(name)), selftest('race_test', '-f', 'race')],
    stress: [selftest('hold_stress', '-n', part(50_000)), selftest('vpi_stress', '-n', part(50_000)), selftest('kill_storm', '-n', part(100))],
    random: [drawn('fuzz', '--calls', part(200_000)), drawn('torture', '--groups', part(50))],
  };
}

function programsOn({ flavour, scale, noise }: KernelRun, selftests: string): GuestProgram[] {
  const { behaviours, stress, random } = programsFor(scale, selftests);
  if (noise) return withNoise([...stress, ...random]);
  // Without VPI there is nothing to fuzz or to torture.
  return [...behaviours, ...stress, ...(flavour === 'off' ? [] : random)];
}

async function runOn(run: KernelRun, kernel: string, selftests: string, signal: AbortSignal): Promise<KernelOutcome> {
  const { name, smp, append, complaints = /./ } = run;
  const machine = { ...(await chosenMachine({ smp, memory: '2048M', kernel, ...(append !== undefined && { append }) })), signal };
  const chosen = programsOn(run, selftests);
  const { result, sections } = await runInGuest(machine, chosen, patience);
  const own = result.splats.filter((splat) => complaints.test(splat));
  return {
    kernel: name,
    image: basename(dirname(kernel)),
    outcomes: chosen.map((program, index) => outcomeOf(nameOf(program), sections[index] ?? '')),
    complaints: complaintsOf(result.end, own),
  };
}

/** What was kept of an earlier run on the same kernel, if that was good. */
function remembered(path: string, image: string): KernelOutcome | undefined {
  if (!existsSync(path)) return undefined;
  const outcome = JSON.parse(readFileSync(path, 'utf8')) as KernelOutcome;
  return outcome.image === basename(dirname(image)) && isGood(outcome) ? outcome : undefined;
}

await runMain(async () => {
  const args = process.argv.slice(2);
  const words = args.filter((arg) => arg !== '--again');
  const runs = chosenByName(kernelRuns, words);
  if (runs.some(({ noise }) => noise)) checkNoise();
  mkdirSync(directory, { recursive: true });
  using interruption = new Interruption();
  const selftests = await kernelSelftests();
  const all: KernelOutcome[] = [];
  for (const run of runs) {
    const kernel = await kernelImage(run.flavour);
    const path = join(directory, `${run.name.replaceAll(/\W+/g, '-')}.json`);
    let outcome = args.includes('--again') ? undefined : remembered(path, kernel);
    process.stderr.write(`${run.name}: ${outcome ? 'was good before' : 'running'}\n`);
    outcome ??= await runOn(run, kernel, selftests, interruption.signal);
    interruption.signal.throwIfAborted();
    writeFileSync(path, JSON.stringify(outcome, undefined, 2));
    process.stderr.write(failuresOf([outcome]));
    all.push(outcome);
  }
  process.stdout.write(`${tableOf(all)}\n${failuresOf(all)}`);
  return all.every(isGood) ? 0 : 1;
});
