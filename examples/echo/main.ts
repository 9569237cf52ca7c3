/**
 * main [CONNECTIONS [BYTES]]: the server and the load program, each in a process of its own. The server is told to stop when
 * the load is done, or at SIGINT.
 */

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program = (name: string) => fileURLToPath(import.meta.resolve(`./${name}.js`));

async function statusOf(child: ChildProcess): Promise<number | null> {
  const [status] = (await once(child, 'exit')) as [number | null];
  return status;
}

// A group of its own: a terminal's SIGINT is not for the server, which is to end in good order.
const server = spawn(process.execPath, [program('server')], { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
const serverStatus = statusOf(server);
let port: string | undefined;
for await (const line of createInterface({ input: server.stdout })) {
  port = /port (\d+)$/.exec(line)?.[1];
  break;
}

if (port !== undefined) {
  const load = spawn(process.execPath, [program('load'), port, '127.0.0.1', ...process.argv.slice(2)], { stdio: ['ignore', 'inherit', 'inherit'] });
  process.once('SIGINT', () => load.kill('SIGINT'));
  process.exitCode = (await statusOf(load)) ?? 130;
}
server.stdin.end();
process.exitCode = (await serverStatus) || process.exitCode || 0;
