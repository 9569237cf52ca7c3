/** How a process with VPs that are blocked, held and running ends: at once, with the right status, every time. */

import { fileURLToPath } from 'node:url';
import { testEndings, type EndCase } from '../ending.ts';
import t from '../program.ts';

const program = fileURLToPath(import.meta.resolve('./end-case.js'));

const cases: EndCase[] = [
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
  { name: 'terminate-after-request', expected: { code: 6, stderr: /^$/ } },
  { name: 'wait', signal: 'SIGINT', expected: { signal: 'SIGINT', stderr: /^$/ } },
  { name: 'wait', signal: 'SIGTERM', expected: { signal: 'SIGTERM', stderr: /^$/ } },
  { name: 'wait', signal: 'SIGKILL', expected: { signal: 'SIGKILL', stderr: /^$/ } },
];

await testEndings(t, program, cases);
