/** What the programs beside this one rely on: Node in the VM, and its options. */

import { writeFileSync } from 'node:fs';
import t from '../program.ts';

t.test('Node', (t) => {
  t.match(process.version, /^v\d+\./);
  t.equal(typeof globalThis.gc, 'function');
  t.equal(process.env['NODE_OPTIONS'], undefined, 'nothing comes from the runner outside');
});

t.test('a directory to write to', (t) => {
  writeFileSync('/tmp/file', 'x');
  t.pass();
});
