/** `npm run test:upstream`: what counts as a difference. */

import t from 'tap';
import { countsOf, differences, resultsOf } from './upstream/compare.ts';
import { upstreamPrograms } from './upstream/programs.ts';

const section = (lines: string[], status: number) => ['TAP version 13', `1..${lines.length}`, ...lines, '', `@@ end ${status} 1`].join('\n');

t.test('results, whatever number a name has in it', async (t) => {
  const results = resultsOf(section(['ok 1 child 4711 at 0x7ffe', 'not ok 2 b', 'ok 3 c # SKIP no such thing'], 1));
  t.strictSame([...results], [['child N at N', 'passed'], ['b', 'failed'], ['c', 'skipped'], ['status', '1']]);
  t.strictSame([...resultsOf('')], [['status', 'none']], 'a program that never ended');
});

t.test('a difference is what never was the same', async (t) => {
  const [good, bad, short] = [resultsOf(section(['ok 1 a'], 0)), resultsOf(section(['not ok 1 a'], 1)), resultsOf(section([], 0))];
  t.strictSame(differences([good], [good]), []);
  t.strictSame(differences([good], [bad]), [{ name: 'a', before: ['passed'], after: ['failed'] }, { name: 'status', before: ['0'], after: ['1'] }]);
  t.strictSame(differences([good], [short]), [{ name: 'a', before: ['passed'], after: ['missing'] }], 'a result that is not there');
  t.strictSame(differences([good, bad], [bad, bad]), [], 'it fails on the other kernel, too');
});

t.test('counts', async (t) => {
  t.strictSame(countsOf([resultsOf(section(['ok 1 a', 'not ok 2 b', 'ok 3 c # SKIP'], 1)), resultsOf('@@ end 0 1\n'), resultsOf('@@ end 4 1\n'), resultsOf('')]), { passed: 2, failed: 2, skipped: 2 });
});

t.test('each program is named once', async (t) => {
  const names = upstreamPrograms.map(({ directory, name, args = [] }) => [directory, name, ...args].join(' '));
  t.equal(new Set(names).size, names.length);
});
