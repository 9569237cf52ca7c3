/** Which lines of a console log are the kernel's reports of its own bugs. */

import t from 'tap';
import { findSplats } from '../docker/vm/splat.ts';

const reports: Record<string, string> = {
  warning: '[    4.1] WARNING: CPU: 1 PID: 77 at kernel/schedvpi.c:120 vpi_block+0x10/0x20',
  cut: '[    4.1] ------------[ cut here ]------------',
  bug: '[    4.1] BUG: unable to handle page fault for address: ffffffff81000000',
  'kernel bug': '[    4.1] kernel BUG at kernel/sched/core.c:1!',
  oops: '[    4.1] Oops: Oops: 0002 [#1] PREEMPT SMP NOPTI',
  'general protection': '[    4.1] Oops: general protection fault, probably for non-canonical address 0x6b: 0000 [#1] SMP',
  kasan: '[    4.1] BUG: KASAN: slab-use-after-free in vpi_resume+0x1/0x2',
  ubsan: '[    4.1] UBSAN: array-index-out-of-bounds in kernel/schedvpi.c:3:4',
  lockdep: '[    4.1] WARNING: possible circular locking dependency detected',
  'lock state': '[    4.1] WARNING: inconsistent lock state',
  'suspicious rcu': '[    4.1] WARNING: suspicious RCU usage',
  'rcu stall': '[    4.1] rcu: INFO: rcu_sched self-detected stall on CPU',
  'hung task': '[    4.1] INFO: task cat:12 blocked for more than 120 seconds.',
  'soft lockup': '[    4.1] watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [a:1]',
  'wait context': '[    4.1] [ BUG: Invalid wait context ]',
  atomic: '[    4.1] BUG: sleeping function called from invalid context at mm/util.c:1',
  kmemleak: '[    4.1] kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)',
  panic: '[    4.1] Kernel panic - not syncing: sysrq triggered crash',
  'caller shown': '[    4.1][  T77] BUG: KASAN: slab-out-of-bounds in f+0x1/0x2',
};

for (const [name, line] of Object.entries(reports)) {
  t.test(`a report: ${name}`, async (t) => {
    t.match(findSplats(`[    1.0] Run /init\r\n${line}\r\n[    9.0] done\n`), [line]);
  });
}

const harmless = [
  '[    4.1] wc[77]: segfault at 0 ip 0000000000401136 sp 00007ffd error 6 in wc[401000+1000]',
  '[    4.1] traps: wc[77] general protection fault ip:401136 sp:7ffd error:0 in wc[401000+1000]',
  '[    4.1] traps: wc[77] trap invalid opcode ip:401136 sp:7ffd error:0 in wc[401000+1000]',
  '[    4.1] Code: 48 89 e5 <0f> 0b',
  '[    4.1] tsc: Unable to calibrate against PIT',
  '[    4.1] clocksource: Switched to clocksource tsc',
  '[    4.1] 9p: Installing v9fs 9p2000 file system support; no BUG here',
  '',
];

t.test('no report', async (t) => {
  t.strictSame(findSplats(harmless.join('\n')), []);
});

t.test('a report has its own lines and no others', async (t) => {
  const log = [
    '[    1.000000] harmless before',
    '[    4.000000] ------------[ cut here ]------------',
    '[    4.000001] WARNING: CPU: 1 PID: 77 at kernel/schedvpi.c:120 vpi_block+0x10/0x20',
    '[    4.000002] Call Trace:',
    '[    4.000003]  <TASK>',
    '[    4.000004] ---[ end trace 0000000000000000 ]---',
    '[    4.000005] harmless after',
    '[    7.000000] BUG: second',
    '[    7.000001]  its line',
    '[    9.500000] harmless later',
  ];
  t.strictSame(findSplats(log.join('\n')), [log.slice(1, 6).join('\n'), log.slice(7, 9).join('\n')]);
});

t.test('a trace whose report begins as none that is known takes along what was logged just before', async (t) => {
  const log = [
    '[    1.000000] harmless before',
    '[    4.000000] new kind of report: x',
    '[    4.000001] CPU: 0 UID: 0 PID: 1 Comm: init',
    '[    4.000002] Call Trace:',
    '[    4.000003]  <TASK>',
    '[    9.500000] harmless later',
    '[    9.500001] Call Trace:',
  ];
  t.strictSame(findSplats(log.join('\n')), [log.slice(1, 5).join('\n'), log.slice(5).join('\n')]);
});
