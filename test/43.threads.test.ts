/** VPIthreads on a simulated kernel: the classic problems, under schedules drawn by a seed. No addon, no VM. */

import { registerHooks } from 'node:module';
import t from 'tap';
import type { Native } from '../lib/native.ts';
import type * as Dispatch from '../lib/vpi/dispatch.ts';
import type * as Mail from '../lib/threads/mail.ts';
import type * as Memory from '../lib/threads/shared-memory.ts';
import type * as Run from '../lib/threads/run.ts';
import type * as System from '../lib/threads/system.ts';
import type * as Sys from '../lib/sys/index.ts';
import type * as Threads from '../lib/threads/index.ts';
import { SimulatedKernel } from './simulated-kernel.ts';
import type * as Problems from './threads/problems.ts';

const seeds = Number(process.env['VPI_SEEDS'] ?? (process.env['VPI_TEST_LONG'] ? 5000 : 500));
const onlySeed = process.env['VPI_SEED'];

/** The native layer of each processor; and which processor runs now. */
const natives: Partial<Native>[] = [{ pin: () => 0 }, { pin: () => 0 }];
let running = 0;
Object.assign(globalThis, { natives: natives.map((_, index) => new Proxy({}, { get: (_, name) => natives[index]![name as keyof Native] })) });

// Two isolates in one: the modules of the second processor are loaded once more, by their URLs with a mark.
const mark = '?processor=1';
registerHooks({
  resolve(specifier, context, next) {
    const index = context.parentURL?.endsWith(mark) || specifier.endsWith(mark) ? 1 : 0;
    if (specifier.endsWith('/native.js')) return { url: `data:text/javascript,export const native = globalThis.natives[${index}];`, format: 'module', shortCircuit: true };
    const library = /^node-vpi(?:\/(\w+))?$/.exec(specifier);
    const path = library ? new URL(`../lib/${library[1] ?? 'vpi'}/index.js`, import.meta.url).href : specifier.replace(mark, '');
    const resolved = next(path, context);
    return index === 1 && resolved.url.includes('/lib/') ? { ...resolved, url: resolved.url + mark } : resolved;
  },
});

/** The modules of one processor. */
async function load(index: number) {
  const from = async <T>(path: string) => (await import(path + (index === 1 ? mark : ''))) as T;
  return {
    dispatch: await from<typeof Dispatch>('../lib/vpi/dispatch.js'),
    mail: await from<typeof Mail>('../lib/threads/mail.js'),
    memory: await from<typeof Memory>('../lib/threads/shared-memory.js'),
    run: await from<typeof Run>('../lib/threads/run.js'),
    system: await from<typeof System>('../lib/threads/system.js'),
    threads: await from<typeof Threads>('../lib/threads/index.js'),
    sys: await from<typeof Sys>('../lib/sys/index.js'),
  };
}

const isolates = [await load(0), await load(1)];
// Only now: it imports the library, which must not find the addon.
const { deadlock, problems, random } = (await import('./threads/problems.js'));

/** The same for all: so many new ones would fill the memory before they are collected. */
const buffer = isolates[0]!.memory.SharedMemory.allocate(2);

/** Runs `main` as run() does, with the kernel in place of init(). */
function simulate(main: () => ReturnType<Problems.Problem['run']>, kernel: SimulatedKernel): unknown {
  const count = kernel.processors.length;
  new Uint8Array(buffer).fill(0);
  const channels = isolates[0]!.mail.makeChannels(count);
  globalThis.underTest = () => ({ threads: isolates[running]!.threads, sys: isolates[running]!.sys, processors: count });
  isolates[0]!.system.setNextMain(main);
  for (const [index, simulated] of kernel.processors.entries()) {
    const { dispatch, system } = isolates[index]!;
    natives[index] = kernel.native(index);
    const setup = { index, count, manager: system.threadManager, data: { buffer, ports: channels[index]!, line: undefined }, onResume: undefined };
    const processor = new dispatch.Processor({ ...setup, onFailure: (error) => void (kernel.failure = String((error as Error).stack)) });
    dispatch.setProcessor(processor);
    simulated.dispatch = (slot, entry) => {
      running = index;
      processor.dispatch(slot, entry);
    };
  }
  try {
    kernel.run();
    if (kernel.failure !== undefined) throw new Error(kernel.failure);
    running = 0;
    return isolates[0]!.run.outcome();
  } finally {
    isolates[0]!.mail.closePorts(channels.flat());
  }
}

function check(problem: Problems.Problem, processors: number, holds: boolean, seed: number): string | undefined {
  const kernel = new SimulatedKernel(random(seed), processors, holds);
  try {
    return simulate(() => problem.run(seed), kernel) === true ? undefined : 'it has another outcome';
  } catch (error) {
    return (error as Error).stack;
  }
}

for (const problem of problems) {
  for (const processors of [1, 2]) {
    for (const holds of [true, false]) {
      t.test(`${problem.name}, ${processors} processors, UNBLOCKED ${holds ? '' : 'not '}wanted`, async (t) => {
        const failures: string[] = [];
        for (let seed = Number(onlySeed ?? 1); seed <= Number(onlySeed ?? seeds) && failures.length < 3; seed++) {
          const failure = check(problem, processors, holds, seed);
          if (failure !== undefined) failures.push(`seed ${seed} (again with VPI_SEED=${seed}): ${failure}`);
        }
        t.strictSame(failures, []);
      });
    }
  }
}

for (const processors of [1, 2]) {
  t.test(`deadlock, ${processors} processors`, async (t) => {
    for (let seed = 1; seed <= Math.min(seeds, 100); seed++) {
      const failure = check({ name: 'deadlock', run: deadlock }, processors, true, seed) ?? '';
      if (!/^DeadlockError/.test(failure)) t.fail(`seed ${seed}: ${failure}`);
    }
    t.pass('every time');
  });
}
