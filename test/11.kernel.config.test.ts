/** Configuration fragments, and the check that the kernel's build kept every line. */

import t from 'tap';
import { flavourConfig, formatConfig, lostOptions, parseFragment } from '../docker/kernel/config.ts';

t.test('a fragment is lines of options with comments', async (t) => {
  const config = parseFragment('# title\n\nCONFIG_A=y   # why\nCONFIG_B=n # why not\nCONFIG_C=12\nCONFIG_D="x y"\n');
  t.strictSame([...config], [['CONFIG_A', 'y'], ['CONFIG_B', 'n'], ['CONFIG_C', '12'], ['CONFIG_D', '"x y"']]);
  t.equal(formatConfig(config), 'CONFIG_A=y\nCONFIG_B=n\nCONFIG_C=12\nCONFIG_D="x y"\n');
});

t.test('a line that is none is an error that names it', async (t) => {
  t.throws(() => parseFragment('CONFIG_A=y\nCONFIG_B is set\n'), { message: /line 2 .*CONFIG_B is set/ });
});

t.test('lost options are listed, kept ones are not', async (t) => {
  const wanted = parseFragment('CONFIG_A=y\nCONFIG_B=n\nCONFIG_C=12\nCONFIG_D=y\nCONFIG_E=n\nCONFIG_F=n');
  const finished = 'CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C=13\nCONFIG_E=y\n';
  t.strictSame(lostOptions(wanted, finished), ['CONFIG_C=12 became 13', 'CONFIG_D=y became n', 'CONFIG_E=n became y']);
});

t.test('flavours differ where they should', async (t) => {
  t.equal(flavourConfig('release').get('CONFIG_SCHEDVPI'), 'y');
  t.equal(flavourConfig('release').has('CONFIG_KASAN'), false);
  t.equal(flavourConfig('debug').get('CONFIG_SCHEDVPI'), 'y');
  t.equal(flavourConfig('debug').get('CONFIG_KASAN'), 'y');
  t.equal(flavourConfig('clean').has('CONFIG_SCHEDVPI'), false);
});
