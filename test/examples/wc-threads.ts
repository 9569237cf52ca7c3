/** `examples/wc-threads`: its counts are those of wc. */

import { fileURLToPath } from 'node:url';
import t from '../program.ts';
import { compare, filesIn } from './against-wc.ts';

const program = fileURLToPath(import.meta.resolve('../../examples/wc-threads/main.js'));

t.test("the repository's Markdown files, and its sources", (t) => {
  // What is installed is much more, and takes minutes to be found in the VM.
  const files = ['README.md', ...filesIn(['docs', 'examples', 'kernel-patch', 'lib', 'test']).filter((path) => /\.(md|ts)$/.test(path))];
  t.ok(files.length > 130, `${files.length} files, more than may be open at once`);
  t.match(compare(t, program, files), /^wc: \d+ threads, [1-9]\d* blocks/m, 'threads have blocked');
});

t.test('one file, no file, a directory', (t) => {
  compare(t, program, ['README.md']);
  t.match(compare(t, program, ['README.md', 'no-such-file', 'docs']), /^wc: no-such-file: no such file/m);
});
