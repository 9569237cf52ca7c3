/** Commands with a log: their failure is told, and an interruption reaches all that they have started. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { runLogged } from '../docker/logged-command.ts';
import { packageRoot } from '../docker/tree.ts';

t.test('output goes to the log and line by line to who asks', async (t) => {
  const log = join(t.testdir(), 'log');
  const lines: string[] = [];
  await runLogged('sh', ['-c', 'echo one; echo two; echo error >&2'], { log, line: (text) => lines.push(text) });
  t.strictSame(lines, ['one', 'two']);
  t.match(readFileSync(log, 'utf8'), /^error$/m);
});

t.test('a failure shows the end of the log, and where all of it is', async (t) => {
  const log = join(t.testdir(), 'log');
  await t.rejects(runLogged('sh', ['-c', 'echo the reason >&2; exit 3'], { log }), { message: new RegExp(`the reason[^]*exit status 3[^]*${log}`) });
});

t.test('an interruption ends grandchildren below shells, too, and waits for them', async (t) => {
  const log = join(t.testdir(), 'log');
  const module = pathToFileURL(join(packageRoot, 'dist/docker/logged-command.js')).href;
  // The inner shell says when it is up, and cleans up before it ends.
  const inner = 'trap "echo cleaned; exit 1" TERM; echo up; while :; do sleep 0.1; done';
  const script = `
    import { runLogged } from '${module}';
    const line = (text) => process.stdout.write(text + '\\n');
    try {
      await runLogged('sh', ['-c', 'sh -c "$1"; true', 'sh', ${JSON.stringify(inner)}], { log: ${JSON.stringify(log)}, line });
    } catch (error) {
      process.exit(error.status);
    }`;
  for (const [signal, status] of [['SIGINT', 130], ['SIGTERM', 143]] as const) {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said === 'up\n') child.kill(signal);
    });
    const [code] = (await once(child, 'close')) as [number | null];
    t.equal(code, status, signal);
    t.equal(said, 'up\ncleaned\n');
  }
});
