/** How a process ends whose threads are blocked, asleep, and waiting for each other: at once, with the right status. */

import { fileURLToPath } from 'node:url';
import { testEndings, type EndCase } from '../ending.ts';
import t from '../program.ts';

const program = fileURLToPath(import.meta.resolve('./end-case.js'));

const cases: EndCase[] = [
  { name: 'return', expected: { code: 0, stdout: 'main has returned 7\n', stderr: /^$/ } },
  { name: 'throw', expected: { code: 1, stderr: /RangeError: from main/ } },
  { name: 'exit', expected: { code: 4, stderr: /^exit handler 4\n$/ } },
  { name: 'exit-elsewhere', expected: { code: 5, stderr: /^$/ } },
  { name: 'exit-in-catch', expected: { code: 8, stderr: /^$/ } },
  { name: 'exit-of-host', expected: { code: 7, stderr: /^$/ } },
  { name: 'terminate', expected: { code: 6, stderr: /^$/ } },
  { name: 'terminate-busy', expected: { code: 6, stderr: /^$/ } },
  { name: 'wait', signal: 'SIGINT', expected: { signal: 'SIGINT', stderr: /^$/ } },
  { name: 'wait', signal: 'SIGTERM', expected: { signal: 'SIGTERM', stderr: /^$/ } },
  { name: 'wait', signal: 'SIGKILL', expected: { signal: 'SIGKILL', stderr: /^$/ } },
];

await testEndings(t, program, cases);
