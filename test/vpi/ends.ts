/** How a process with VPs that are blocked, held and running ends: at once, with the right status, every time. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import t from '../program.ts';

const times = Math.ceil(Number(process.env['VPI_SCALE'] ?? 100) / 50);
const program = fileURLToPath(import.meta.resolve('./end-case.js'));

interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** Runs the case; when it says that it is ready, does `then`. */
async function end(name: string, then: (pid: number) => void = () => {}): Promise<Ending> {
  const child = spawn(process.execPath, [program, name], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data) => (stdout += data));
  child.stderr.on('data', (data) => (stderr += data));
  createInterface({ input: child.stdout }).on('line', (line) => line === 'ready' && then(child.pid!));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, stdout, stderr };
}

const cases: { name: string; signal?: NodeJS.Signals; expected: Partial<Record<keyof Ending, unknown>> }[] = [
  { name: 'finish', expected: { code: 3, stderr: /^$/ } },
  { name: 'output-elsewhere', expected: { code: 0, stdout: /^1: to stdout\n2: to stdout\n$/, stderr: /^to stderr\n$/ } },
  { name: 'error', expected: { code: 1, stderr: /Error: from a thread/ } },
  { name: 'error-elsewhere', expected: { code: 1, stderr: /Error: from processor 1/ } },
  { name: 'exit', expected: { code: 4, stderr: /^exit handler 4\n$/ } },
  { name: 'exit-elsewhere', expected: { code: 5, stderr: /^$/ } },
  { name: 'exit-elsewhere-at-the-end', expected: { code: 3, stderr: /^$/ } },
  { name: 'exit-elsewhere-and-finish', expected: { code: /^[35]$/, stderr: /^$/ } },
  { name: 'no-such-entry', expected: { code: 1, stderr: /exports no function nothing/ } },
  { name: 'terminate', expected: { code: 6, stderr: /^$/ } },
  { name: 'terminate-busy', expected: { code: 6, stderr: /^$/ } },
  { name: 'wait', signal: 'SIGINT', expected: { signal: 'SIGINT', stderr: /^$/ } },
  { name: 'wait', signal: 'SIGTERM', expected: { signal: 'SIGTERM', stderr: /^$/ } },
  { name: 'wait', signal: 'SIGKILL', expected: { signal: 'SIGKILL', stderr: /^$/ } },
];

for (const { name, signal, expected } of cases) {
  await t.test(signal ? `${name}, ${signal}` : name, async (t) => {
    for (let i = 0; i < times; i++) {
      t.match(await end(name, (pid) => signal && process.kill(pid, signal)), expected);
    }
  });
}
