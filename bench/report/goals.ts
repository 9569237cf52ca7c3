/** What was to be reached, and whether it was. */

import { signed } from './format.ts';
import { overheadsOf } from './overhead.ts';
import { clocks, type Clock, type Sample } from './sample.ts';
import { cellsOf, changesOf, threadCellsOf, type Cell, type Change } from './statistics.ts';

export interface Goal {
  what: string;
  clock: Clock;
  goal: string;
  measured: string;
  met: boolean;
}

/** Of those that the samples tell of. */
export function goalsOf(samples: readonly Sample[]): Goal[] {
  return [
    ...([3] as const).flatMap((figure) => [faster(samples, figure, 'wall', 'nptl', 20), faster(samples, figure, 'instructions', 'nptl', 20)]),
    ...[4, 5, 6].flatMap((figure) => [faster(samples, figure, 'wall', 'nptl', 20), faster(samples, figure, 'instructions', 'nptl', 8)]),
    ...[faster(samples, 7, 'wall', 'nptl', 5, 'vpithreads-2'), faster(samples, 7, 'instructions', 'nptl', 5, 'vpithreads-2')],
    ...[3, 4].flatMap((figure) => [faster(samples, figure, 'wall', 'go', 1), faster(samples, figure, 'instructions', 'go', 1)]),
    ...[8, 9].flatMap((figure) => clocks.flatMap((clock) => notDearer(samples, figure, clock))),
    ...clocks.flatMap((clock) => [sameForAll(samples, 11, clock), near(threadCellsOf(samples, 11, clock), 'generators', 'Figure 11, a switch against a bare next()', clock, 2)]),
    ...clocks.map((clock) => near(cellsOf(samples, 13, clock), 'addon', 'Figure 13, against a plain addon call', clock, 1.3)),
    smallThreads(samples, 14),
    ...kernelGoals(samples, 15),
  ].filter((goal) => goal !== undefined);
}

function faster(samples: readonly Sample[], figure: number, clock: Clock, other: string, times: number, own = 'vpithreads-1'): Goal | undefined {
  const cells = cellsOf(samples, figure, clock);
  const [a, b] = [own, other].map((id) => cells.find(({ row }) => row === id)?.median);
  if (a === undefined || b === undefined) return undefined;
  const name = other === 'go' ? 'Go' : 'NPTL';
  return { what: `Figure ${figure} against ${name}`, clock, goal: times === 1 ? 'not slower' : `${times} times as fast`, measured: `${(b / a).toPrecision(3)} times as fast`, met: b / a >= times };
}

/** With 10 threads and with 100 000. */
function sameForAll(samples: readonly Sample[], figure: number, clock: Clock): Goal | undefined {
  const own = threadCellsOf(samples, figure, clock).filter(({ row }) => row === 'vpithreads-1');
  if (own.length < 2) return undefined;
  const medians = own.map(({ median }) => median);
  const times = Math.max(...medians) / Math.min(...medians);
  return { what: `Figure ${figure}, from ${own[0]!.threads} to ${own.at(-1)!.threads} threads`, clock, goal: 'within 1.5 times', measured: `${times.toPrecision(3)} times`, met: times <= 1.5 };
}

/** VPIthreads against another row; where there are more of one, against its first: with the fewest threads it is the switch that counts, not the memory. */
function near(cells: readonly Cell[], other: string, what: string, clock: Clock, limit: number): Goal | undefined {
  const [own, base] = ['vpithreads-1', other].map((id) => cells.find(({ row }) => row === id)?.median);
  return own === undefined || base === undefined ? undefined : atMost(what, clock, own / base, limit);
}

function atMost(what: string, clock: Clock, times: number, limit: number): Goal {
  return { what, clock, goal: `at most ${limit} times`, measured: `${times.toPrecision(4)} times`, met: times <= limit };
}

function smallThreads(samples: readonly Sample[], figure: number): Goal | undefined {
  const bytes = cellsOf(samples, figure, 'wall').find(({ row }) => row === 'vpithreads-1')?.median;
  return bytes === undefined ? undefined : { what: `Figure ${figure}, memory of a thread that waits`, clock: 'wall', goal: 'at most 1024 bytes', measured: `${bytes.toFixed(0)} bytes`, met: bytes <= 1024 };
}

/** One operation against another one: at most so many times. */
const kernelRatios = [
  ['block to a registered VP, against a futex hand-off', 'vpi block', 'futex one way', 1.1],
  ['full cycle, against the same made of futexes', 'vpi cycle', 'futex protocol', 0.85],
  ['full cycle with VPs free on two CPUs, against one', 'vpi cycle on 2 CPUs', 'vpi cycle', 1.03],
  ['a read() that does not block, on a VP', 'read vp', 'read plain', 1.005],
] as const;

/** Of those who do not use VPI: so much more at most. */
const kernelChanges = [
  ['a context switch', 'sched yield two', 'more', 4, 'instructions'],
  ['pipe ping-pong', 'pipe ping pong', 'percent', 0.15, '%'],
  ['sched_yield()', 'sched yield', 'more', 0, 'instructions'],
] as const;

function kernelGoals(samples: readonly Sample[], figure: number): (Goal | undefined)[] {
  const changes = changesOf(samples, figure, 'instructions');
  const of = (name: string): Change | undefined => changes.find(({ operation }) => operation === name);
  return [
    ...kernelRatios.map(([what, part, whole, limit]) => {
      const [a, b] = [of(part)?.patched, of(whole)?.patched];
      return a === undefined || b === undefined ? undefined : atMost(`Figure ${figure}, ${what}`, 'instructions', a / b, limit);
    }),
    ...kernelChanges.map(([what, name, measure, limit, unit]): Goal | undefined => {
      const value = of(name)?.[measure];
      if (value === undefined) return undefined;
      return { what: `Figure ${figure}, ${what} of others`, clock: 'instructions', goal: `at most +${limit} ${unit}`, measured: `${signed(value, 2)} ${unit}`, met: (unit === 'instructions' ? Math.round(value) : value) <= limit };
    }),
  ];
}

/** At least so much computing between two blocks, in microseconds, and the overhead that is allowed then, in per cent. */
const allowed = [
  [100, 5],
  [1000, 1],
] as const;

function notDearer(samples: readonly Sample[], figure: number, clock: Clock): Goal[] {
  return (['libvpi-both', 'vpithreads-both'] as const).flatMap((row) =>
    allowed.flatMap(([compute, perCent]) => {
      const limit = row === 'libvpi-both' ? perCent : 2 * perCent;
      // A nominal compute time is met to within a tenth.
      const there = overheadsOf(samples, figure, clock).filter((overhead) => overhead.row === row && overhead.compute >= 0.9 * compute);
      if (there.length === 0) return [];
      const worst = Math.max(...there.map(({ median }) => median));
      const who = row === 'libvpi-both' ? 'libvpi' : 'VPIthreads';
      return [{ what: `Figure ${figure}, ${who}, from ${compute} µs of computing on`, clock, goal: `at most ${limit} %`, measured: `${worst.toFixed(1)} %`, met: worst <= limit }];
    }),
  );
}
