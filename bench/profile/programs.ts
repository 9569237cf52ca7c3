/** What can be profiled: rows of VPIthreads whose time is that of all they do. */

import { availablePrograms, notificationPrograms } from '../figures/programs.ts';

export const profiledFigures: readonly number[] = [3, 4, 5, 6, 8, 13];

/** Times what a run of `vpi bench` does: the trace begins late, and may not see the end. */
const longer = 5;

/** Names what V8 compiles, in /tmp/perf-PID.map. */
const named = ['--perf-basic-prof', '--perf-basic-prof-only-functions'];

/** Figure 8 with both notifications and next to no computing: the cycle of a block alone. */
const cycle = ['8', '50', '40000'];

export function commandOf(figure: number): string[] {
  const [node, ...rest] = figure === 8 ? cycleCommand() : timesCommand(figure);
  return [node!, ...named, ...rest];
}

function cycleCommand(): string[] {
  const { command, mask } = notificationPrograms.find(({ row }) => row === 'vpithreads-both')!;
  return [...command, ...cycle, mask];
}

function timesCommand(figure: number): string[] {
  const { command, args = [], counts } = availablePrograms().find(({ row, counts }) => row === 'vpithreads-1' && figure in counts)!;
  return [...command, String(figure), String(longer * counts[figure]!), ...args];
}
