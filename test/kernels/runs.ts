/** Which kernels the selftests, the fuzzer and the torture are run on, and how much of them. */

import type { Flavour } from '../../docker/kernel/config.ts';

export interface KernelRun {
  name: string;
  flavour: Flavour;
  smp: number;
  /** More of the kernel's command line. */
  append?: string;
  /** Per cent of the loops of the selftests; of what the fuzzer and the torture do by default. */
  scale: number;
  /** The kernel's reports that count; default: all. */
  complaints?: RegExp;
  /** What runs long, beside the programs of `noise.ts`. */
  noise?: boolean;
}

export const kernelRuns: KernelRun[] = [
  { name: 'release', flavour: 'release', smp: 4, scale: 100 },
  { name: 'release, 8 CPUs', flavour: 'release', smp: 8, scale: 20 },
  { name: 'lockdep, no preemption', flavour: 'lockdep', smp: 2, append: 'preempt=none', scale: 20 },
  { name: 'lockdep, voluntary preemption', flavour: 'lockdep', smp: 2, append: 'preempt=voluntary', scale: 20 },
  { name: 'lockdep, full preemption', flavour: 'lockdep', smp: 4, append: 'preempt=full', scale: 20 },
  { name: 'KASAN, UBSAN, kmemleak, failing allocations', flavour: 'kasan', smp: 2, scale: 20 },
  // The rest of the kernel has races of its own, which are not ours to mend; also below our functions. The first line names both sides.
  { name: 'KCSAN, strict', flavour: 'kcsan', smp: 4, scale: 20, complaints: /^(?!.*KCSAN: )|^.*KCSAN: .*vpi/ },
  { name: 'PREEMPT_RT, lockdep', flavour: 'rt', smp: 2, scale: 20 },
  { name: 'one CPU, not SMP', flavour: 'up', smp: 1, scale: 50 },
  { name: 'without CONFIG_SCHEDVPI', flavour: 'off', smp: 2, scale: 100 },
  { name: 'release, noise', flavour: 'release', smp: 4, scale: 50, noise: true },
  { name: 'lockdep, noise', flavour: 'lockdep', smp: 2, scale: 20, noise: true },
];

export interface FuzzedKernel {
  name: string;
  flavour: Flavour;
  /** How many of the fuzzer's calls in all, and in one boot. */
  calls: number;
  part: number;
}

export const fuzzedKernels: FuzzedKernel[] = [
  { name: 'release', flavour: 'release', calls: 100_000_000, part: 2_000_000 },
  { name: 'lockdep', flavour: 'lockdep', calls: 10_000_000, part: 500_000 },
  { name: 'KASAN', flavour: 'kasan', calls: 10_000_000, part: 250_000 },
];

/** Those whose name has one of the words, in any case; without words all. @throws {RangeError} there is none */
export function chosenByName<T extends { name: string }>(all: readonly T[], words: readonly string[]): T[] {
  const chosen = all.filter(({ name }) => words.length === 0 || words.some((word) => name.toLowerCase().includes(word.toLowerCase())));
  if (chosen.length === 0) throw new RangeError(`${words.join(' ')}: no such kernel; there are ${all.map(({ name }) => name).join('; ')}`);
  return chosen;
}
