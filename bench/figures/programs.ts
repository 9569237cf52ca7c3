/** Which program measures which row of which figure, and how many iterations of it take about half a second in the VM. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { nodeProgram } from '../../docker/addon.ts';
import { packageRoot } from '../../docker/tree.ts';

export interface Program {
  row: string;
  command: readonly string[];
  /** After FIGURE and COUNT. */
  args?: readonly string[];
  /** By figure; a figure that is not here cannot be done. */
  counts: Readonly<Record<number, number>>;
}

const peer = (name: string) => [join(packageRoot, 'build/native/peers', name)];
const script = (path: string) => [nodeProgram(), join(packageRoot, 'dist/bench', path)];

const programs: readonly Program[] = [
  { row: 'vpithreads-1', command: script('workloads/main.js'), args: ['1'], counts: { 3: 200_000, 4: 200_000, 5: 6000, 6: 150_000, 7: 200_000 } },
  { row: 'vpithreads-2', command: script('workloads/main.js'), args: ['2'], counts: { 3: 300_000, 4: 30_000, 5: 3000, 6: 30_000, 7: 400_000 } },
  { row: 'nptl', command: peer('nptl'), counts: { 3: 3000, 4: 10_000, 5: 300, 6: 10_000, 7: 60_000, 14: 2000 } },
  { row: 'linuxthreads', command: peer('linuxthreads'), counts: { 3: 500, 4: 10_000, 5: 100, 6: 3000, 7: 60_000, 14: 2000 } },
  { row: 'pth', command: peer('pth'), counts: { 3: 10_000, 4: 10_000, 5: 300, 6: 10_000, 7: 10_000 } },
  { row: 'go', command: peer('go'), counts: { 3: 100_000, 4: 100_000, 5: 3000, 6: 100_000, 7: 100_000, 14: 100_000 } },
  { row: 'workers', command: script('peers/node/workers.js'), counts: { 3: 3, 4: 3000, 5: 400, 6: 3000, 7: 60_000 } },
  { row: 'async', command: script('peers/node/async.js'), counts: { 3: 200_000, 4: 150_000, 5: 5000, 6: 150_000, 7: 150_000 } },
  { row: 'vpithreads-1', command: script('workloads/files.js'), counts: { 10: 200 } },
  ...['promises', 'workers', 'sequential'].map((row) => ({ row, command: script('peers/node/files.js'), args: [row], counts: { 10: 200 } })),
  { row: 'vpithreads-1', command: script('workloads/latency.js'), counts: { 12: 2000 } },
  ...[['libvpi-blocked', 'blocked'], ['nptl', 'futex']].map(([row, what]) => ({ row: row!, command: peer('latency'), args: [what!], counts: { 12: 5000 } })),
  ...[['kernel', 'kernel'], ['libvpi-both', 'both']].map(([row, what]) => ({ row: row!, command: peer('calls'), args: [what!], counts: { 13: 500_000 } })),
  ...[['addon', 'addon'], ['vpithreads-1', 'op']].map(([row, what]) => ({ row: row!, command: script('workloads/calls.js'), args: [what!], counts: { 13: 200_000 } })),
  { row: 'vpithreads-1', command: script('workloads/memory.js'), counts: { 14: 100_000 } },
  ...[['async', 100_000] as const, ['workers', 6] as const].map(([row, count]) => ({ row, command: script('peers/node/memory.js'), args: [row], counts: { 14: count } })),
];

/** Those that are there: without Go or Pth on the machine, their rows are left out. */
export function availablePrograms(): Program[] {
  return programs.filter(isThere);
}

function isThere({ command }: Pick<Program, 'command'>): boolean {
  return existsSync(command.at(-1)!);
}

/** Of figure 11: `11 COUNT THREADS`. */
export function switchPrograms(): Pick<Program, 'row' | 'command'>[] {
  const all = [
    { row: 'vpithreads-1', command: script('workloads/switches.js') },
    { row: 'go', command: peer('go') },
    { row: 'async', command: script('peers/node/switches.js') },
    { row: 'generators', command: script('peers/node/generators.js') },
  ];
  return all.filter(isThere);
}

export const threadCounts = [10, 100, 1000, 10_000, 100_000];

/** Of figures 8 and 9: `FIGURE ROUNDS BLOCKS` and its arguments. */
export interface NotificationProgram {
  row: string;
  command: readonly string[];
  mask: string;
}

const notification = peer('notification');
const notificationScript = script('workloads/notification.js');

export const notificationPrograms: readonly NotificationProgram[] = [
  ...['none', 'blocked', 'both'].map((mask) => ({ row: `libvpi-${mask}`, command: notification, mask })),
  { row: 'kernel', command: notification, mask: 'kernel' },
  ...['blocked', 'both'].map((mask) => ({ row: `vpithreads-${mask}`, command: notificationScript, mask })),
  { row: 'kernel-js', command: notificationScript, mask: 'kernel' },
];

export function isInJavaScript({ command }: NotificationProgram): boolean {
  return command === notificationScript;
}

/** About 10 us to 3 ms of computing between two blocks, by the instruction clock. */
export const allRounds = [2000, 6000, 20_000, 60_000, 200_000, 600_000];
/** Of computing, in each run: so many rounds. In JavaScript more, so that what V8 does once is a smaller part. */
export const workOf: Readonly<Record<number, { inC: number; inJavaScript: number }>> = { 8: { inC: 6e6, inJavaScript: 40e6 }, 9: { inC: 12e6, inJavaScript: 40e6 } };
/** But so many blocks, 50 and more of each pair: with less it would be seen which pair ends last. */
export const fewestBlocks: Readonly<Record<number, number>> = { 8: 300, 9: 800 };
