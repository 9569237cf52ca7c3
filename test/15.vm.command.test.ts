/** What the guest is told to run, and with what. */

import t from 'tap';
import { executablePath, refuseHidden } from '../docker/commands/run.ts';
import { archive, executable, plainFile } from '../docker/vm/cpio.ts';
import { encodeCommand, guestEnvironment } from '../docker/vm/command.ts';
import { machineArguments } from '../docker/vm/qemu.ts';

t.test('records keep every byte of an argument', async (t) => {
  const argv = ['prog', '', ' two  words ', '"quoted" \'too\'', 'new\nline', '$HOME `x` \\', 'a=b'];
  const text = encodeCommand({ files: 'host', program: '/bin/prog', argv, env: { A: 'b=c d' }, cwd: '/w' }).toString();
  t.strictSame(text.split('\0').filter((record) => record.startsWith('arg=')).map((record) => record.slice(4)), argv);
  t.match(text, 'env=A=b=c d\0');
  t.throws(() => encodeCommand({ files: 'host', argv: ['a\0b'], env: {}, cwd: '/' }), { message: /NUL/ });
});

t.test('environment that means the same in the guest', async (t) => {
  const passed = guestEnvironment({ PATH: '/bin', HOME: '/root', CI: 'true', VPI_X: '1', DISPLAY: ':0', TMPDIR: '/elsewhere', SECRET: 's' });
  t.strictSame(passed, { PATH: '/bin', HOME: '/root', CI: 'true', VPI_X: '1' });
});

t.test('an archive is the same for the same files, and padded to four bytes', async (t) => {
  const make = () => archive([executable('a', Buffer.from('12345')), plainFile('bc', Buffer.from('x'))]);
  t.equal(make().length % 4, 0);
  t.ok(make().equals(make()));
  t.match(make().toString('latin1'), /^070701.*TRAILER!!!/s);
});

t.test('which file is meant', async (t) => {
  t.equal(executablePath('/bin/sh'), '/bin/sh');
  t.match(executablePath('sh'), /\/sh$/);
  t.throws(() => executablePath('./no-such-file'), { message: /no such file/ });
  t.throws(() => executablePath('no-such-program'), { message: /neither here nor in PATH/ });
  t.throws(() => executablePath('package.json'), { message: /not executable/ });
});

t.test('a program that the VM could not see', async (t) => {
  t.throws(() => refuseHidden('/tmp/prog', '/home/me'), { message: /a \/tmp of its own/ });
  refuseHidden('/tmp/mine/prog', '/tmp/mine');
  refuseHidden('/usr/bin/prog', '/tmp/mine');
});

t.test('the instruction clock is as docs say', async (t) => {
  const args = machineArguments({ accelerator: 'icount', smp: 1, memory: '1G', kernel: '/k', initrd: '/i', append: 'more=1', console: '/a,b' }).join(' ');
  for (const part of ['-accel tcg,thread=single', '-icount shift=0,sleep=off', '-rtc base=2026-01-01T00:00:00,clock=vm', '-seed 1']) t.match(args, part);
  for (const part of ['nokaslr', 'norandmaps', 'clocksource=tsc', 'tsc=reliable', 'more=1', 'panic=-1', 'oops=panic']) t.match(args, part);
  t.match(args, 'path=/a,,b', 'a comma in a path is no separator');
});
