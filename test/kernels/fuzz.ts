/**
 * `npm run test:fuzz [-- NAME...]`: as many random system calls as `fuzzedKernels` says on each of them (those whose name has one of the words),
 * a boot and other seeds for each part, and a table at the end. It can be stopped at any time: what was done on the same kernel counts.
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { chosenMachine } from '../../docker/commands/machine.ts';
import { Interruption } from '../../docker/interruption.ts';
import { kernelImage } from '../../docker/kernel/build.ts';
import { runMain } from '../../docker/main.ts';
import { packageRoot } from '../../docker/tree.ts';
import { runInGuest } from '../guest.ts';
import { complaintsOf, failuresOf, fuzzTable, isGood, outcomeOf, type Fuzzed } from './outcome.ts';
import { chosenByName, fuzzedKernels, type FuzzedKernel } from './runs.ts';

const directory = join(packageRoot, 'build/kernels');

/** More than by default in a run, so that less of the time is spent with beginning and ending it. */
const shape = ['--processes', '6', '--threads', '4', '--batch', '20000'];

/** Seconds for a part; and of the guest without any progress. */
const patience = 3600;
const hang = '120';

/** What was done before, if it was on this kernel. */
function remembered(path: string, name: string, image: string): Fuzzed {
  const none = { name, image, calls: 0, seconds: 0 };
  if (!existsSync(path)) return none;
  const fuzzed = JSON.parse(readFileSync(path, 'utf8')) as Fuzzed;
  return fuzzed.image === image ? fuzzed : none;
}

/** Does a part more; says what was wrong, if anything was. */
async function goOn({ name, part }: FuzzedKernel, kernel: string, fuzzed: Fuzzed, signal: AbortSignal): Promise<string> {
  const machine = { ...(await chosenMachine({ smp: 2, memory: '2048M', kernel })), signal };
  // Runs have consecutive seeds, one for many calls: so none is drawn twice.
  const args = ['--seed', String(fuzzed.calls + 1), '--calls', String(part), '--patience', hang, ...shape];
  const { result, sections } = await runInGuest(machine, [{ path: join(packageRoot, 'build/native/test/fuzz/fuzz'), args }], patience);
  signal.throwIfAborted();
  const section = sections[0] ?? '';
  const outcome = outcomeOf('fuzz', section);
  const done = { kernel: name, image: fuzzed.image, outcomes: [outcome], complaints: complaintsOf(result.end, result.splats) };
  if (!isGood(done)) return failuresOf([done]) + section;
  fuzzed.calls += part;
  fuzzed.seconds += outcome.seconds;
  return '';
}

await runMain(async () => {
  const chosen = chosenByName(fuzzedKernels, process.argv.slice(2));
  mkdirSync(directory, { recursive: true });
  using interruption = new Interruption();
  const all: Fuzzed[] = [];
  for (const run of chosen) {
    const kernel = await kernelImage(run.flavour);
    const path = join(directory, `fuzz-${run.name}.json`);
    const fuzzed = remembered(path, run.name, basename(dirname(kernel)));
    all.push(fuzzed);
    while (fuzzed.calls < run.calls) {
      process.stderr.write(`${run.name}: ${fuzzed.calls} of ${run.calls} calls in ${Math.ceil(fuzzed.seconds / 60)} minutes\n`);
      const wrong = await goOn(run, kernel, fuzzed, interruption.signal);
      if (wrong !== '') {
        process.stdout.write(wrong);
        return 1;
      }
      writeFileSync(path, JSON.stringify(fuzzed));
    }
  }
  process.stdout.write(fuzzTable(all));
  return 0;
});
