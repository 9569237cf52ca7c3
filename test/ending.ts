/** How a process ends that a test has started: with its status, its signal, and what it has said. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
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

/** Each case is a subtest. */
export async function testEndings(t: Results, program: string, cases: EndCase[]): Promise<void> {
  for (const { name, signal, expected } of cases) {
    await t.test(signal ? `${name}, ${signal}` : name, async (t) => {
      for (let i = 0; i < times; i++) {
        t.match(await end(program, name, (pid) => signal && process.kill(pid, signal)), expected);
      }
    });
  }
}
