/** How a process ends that a test has started: with its status, its signal, and what it has said. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import type { Results } from './program.ts';

export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface EndCase {
  /** The program's argument. */
  name: string;
  /** Sent when it says that it is ready. */
  signal?: NodeJS.Signals;
  expected: Partial<Record<keyof Ending, unknown>>;
}

/** Runs `program NAME`; when it says that it is ready, does `then`. */
async function end(program: string, name: string, then: (pid: number) => void): Promise<Ending> {
  const child = spawn(process.execPath, [program, name], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data) => (stdout += data));
  child.stderr.on('data', (data) => (stderr += data));
  createInterface({ input: child.stdout }).on('line', (line) => line === 'ready' && then(child.pid!));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, stdout, stderr };
}

/** Of each case: once in the short run; in the long one 200 times, and 25 on the debug kernel. */
const scale = Number(process.env['VPI_SCALE'] ?? 100);
const times = scale > 100 ? Math.ceil(scale / 50) : 1;

/** Each case is a subtest. As many run at the same time as there are CPUs: most of what a case takes is one thread's start. */
export async function testEndings(t: Results, program: string, cases: EndCase[]): Promise<void> {
  const lanes = Array.from({ length: availableParallelism() }, () => Promise.resolve<unknown>(undefined));
  const endings = Array.from({ length: cases.length * times }, (_, i) => {
    const { name, signal } = cases[Math.floor(i / times)]!;
    const ending = lanes[i % lanes.length]!.then(() => end(program, name, (pid) => signal && process.kill(pid, signal)));
    lanes[i % lanes.length] = ending;
    return ending;
  });
  for (const { name, signal, expected } of cases) {
    await t.test(signal ? `${name}, ${signal}` : name, async (t) => {
      for (const ending of endings.splice(0, times)) t.match(await ending, expected);
    });
  }
}
