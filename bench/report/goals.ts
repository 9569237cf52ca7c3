/** What was to be reached, and whether it was. */

import { overheadsOf } from './overhead.ts';
import type { Clock, Sample } from './sample.ts';
import { cellsOf, threadCellsOf } from './statistics.ts';

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
    ...[8, 9].flatMap((figure) => (['wall', 'instructions'] as const).flatMap((clock) => notDearer(samples, figure, clock))),
    ...(['wall', 'instructions'] as const).map((clock) => sameForAll(samples, 11, clock)),
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
