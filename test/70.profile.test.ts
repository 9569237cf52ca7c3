/** `npm run bench:profile`: whose the addresses of a trace are. */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import t from 'tap';
import { printed, profileOf } from '../bench/profile/profile.ts';
import { commandOf, profiledFigures } from '../bench/profile/programs.ts';
import { addressOf, namesOf } from '../bench/profile/symbols.ts';

const kallsyms = 'ffffffff81000000 T _text\nffffffff81001000 t __schedule\nffffffff81002000 d some_data\n';
const perfMap = ["7f0000001000 100 JS:~'early file:///a/b.js:1:1", "7f0000001000 80 JS:*'late file:///a/b.js:2:1", '7f0000002000 10 Builtin:LoadIC', ''].join('\n');

t.test('names', async (t) => {
  const nameOf = namesOf({ kallsyms, maps: '', perfMap });
  t.match(nameOf(addressOf('ffffffff81001004')), { layer: 'kernel', name: '__schedule' });
  t.match(nameOf(addressOf('00007f0000001010')), { layer: 'JavaScript', name: '*late b.js:2:1' }, 'what was compiled last, where two were');
  t.match(nameOf(addressOf('00007f0000001090')), { name: 'no name' }, 'behind its end');
  t.match(nameOf(addressOf('00007f0000002001')), { layer: 'V8 and Node', name: 'Builtin:LoadIC' });
  t.match(nameOf(addressOf('00007f0010000000')), { layer: 'elsewhere' }, 'far from all');
  t.match(nameOf(0), { layer: 'elsewhere' });
});

t.test('the functions of this Node', async (t) => {
  const maps = readFileSync('/proc/self/maps', 'latin1');
  const listed = execFileSync('nm', ['-C', process.execPath], { encoding: 'latin1', maxBuffer: 2 ** 30 });
  const [, address] = /^([0-9a-f]{16}) T node::Start\(int, char\*\*\)$/m.exec(listed) ?? [];
  const isMoved = !/Type:\s+EXEC/.test(execFileSync('readelf', ['-h', process.execPath], { encoding: 'latin1' }));
  const [, base] = maps.split('\n').find((line) => line.endsWith(process.execPath))?.match(/^([0-9a-f]+)-/) ?? [];
  const at = addressOf(address!) + (isMoved ? addressOf(base!) : 0);
  t.match(namesOf({ kallsyms, maps, perfMap })(at + 1), { layer: 'V8 and Node', name: 'node::Start(int, char**)' });
});

t.test('shares of an iteration', async (t) => {
  const code = { a: { layer: 'kernel', name: 'f' }, b: { layer: 'kernel', name: 'g' }, c: { layer: 'JavaScript', name: 'h' } } as const;
  const profile = profileOf(new Map([[1, 60], [2, 15], [3, 5], [4, 20]]), (address) => (address === 4 ? code.c : address === 3 ? code.b : code.a), 1000);
  t.equal(profile.traced, 100);
  t.strictSame(profile.layers, [{ of: 'kernel', instructions: 800 }, { of: 'JavaScript', instructions: 200 }]);
  t.strictSame(profile.functions.map(({ of, instructions }) => [of.name, instructions]), [['f', 750], ['h', 200], ['g', 50]]);
  t.match(printed(profile), /f +│ +750 │ +75\.0 % │ +kernel/);
});

t.test('each figure has a program, with names for what V8 compiles', async (t) => {
  for (const figure of profiledFigures) t.ok(commandOf(figure).slice(1, 3).every((option) => option.startsWith('--perf-basic-prof')), String(figure));
});
