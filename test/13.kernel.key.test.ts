/** The cache key of a kernel changes with what the image depends on, and with nothing else. */

import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { cacheKey } from '../docker/kernel/build.ts';
import { hashPatch } from '../docker/kernel/patch.ts';

const base: Record<string, string> = {
  'patches/series': 'a.patch\nb.patch\n',
  'patches/a.patch': 'a',
  'patches/b.patch': 'b',
  'kernel/schedvpi.c': 'int x;',
  'tools/testing/selftests/vpi/test.c': 'test',
  'Documentation/vpi.rst': 'text',
};

t.test('patch', async (t) => {
  let count = 0;
  const directory = t.testdir();
  const keyOf = (files: Record<string, string>) => {
    const place = join(directory, String(count++));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(place, path)), { recursive: true });
      writeFileSync(join(place, path), text);
    }
    const hash = createHash('sha256');
    hashPatch(place, hash);
    return hash.digest('hex');
  };
  const key = keyOf(base);
  t.equal(keyOf({ ...base }), key);
  t.equal(keyOf({ ...base, 'tools/testing/selftests/vpi/test.c': 'other' }), key, 'tests are not in the image');
  t.equal(keyOf({ ...base, 'Documentation/vpi.rst': 'other' }), key, 'nor is documentation');
  t.not(keyOf({ ...base, 'kernel/schedvpi.c': 'int y;' }), key);
  t.not(keyOf({ ...base, 'patches/b.patch': 'c' }), key);
  t.not(keyOf({ ...base, 'patches/series': 'b.patch\na.patch\n' }), key);
  t.not(keyOf({ ...base, 'kernel/more.c': '' }), key);
});

t.test('source and flavour', async (t) => {
  const source = { tarball: '/x', version: '6.12.1', id: '6.12.1-100' };
  const key = cacheKey(source, 'release');
  t.equal(cacheKey({ ...source }, 'release'), key);
  t.not(cacheKey({ ...source, id: '6.12.2-100' }, 'release'), key);
  t.equal(new Set((['release', 'debug', 'clean'] as const).map((flavour) => cacheKey(source, flavour))).size, 3);
});
