/** SIGNAL and PREEMPT, which say something about a VP and change nothing for it. */

import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { create, finish, init, interrupt, kernelRegister, kernelStatus, Notification, type OpGenerator, type Upcall, type VpHandle } from 'node-vpi';
import { close, open } from 'node-vpi/sys';
import t from '../program.ts';

const usual = Notification.BLOCKED | Notification.UNBLOCKED;

function stateOf(vp: VpHandle): string | undefined {
  return kernelStatus().vps.find((status) => status.vp === vp)?.state;
}

t.test('SIGNAL: of a registered VP', (t) => {
  let upcall: Upcall | undefined;
  let member: VpHandle | undefined;
  // The member tells of itself; and if the other VP waits already when it comes, it is the member that runs here.
  function* listen(): OpGenerator {
    do upcall = yield* kernelRegister();
    while (upcall?.type !== Notification.SIGNAL);
    yield* finish();
  }
  init({
    mask: usual | Notification.SIGNAL,
    *manager() {
      member ??= create(listen);
      while (stateOf(member) !== 'REGISTERED');
      interrupt(member);
      yield* listen();
    },
  });
  t.match(upcall, { type: Notification.SIGNAL, vp: member, arg: 0 });
});

t.test('SIGNAL: not wanted', (t) => {
  let told = 0;
  init({
    mask: usual,
    *manager() {
      const member = create(function* (): OpGenerator {
        yield* finish(1);
      });
      for (let i = 0; i < 10; i++) {
        while (stateOf(member) !== 'REGISTERED');
        interrupt(member);
      }
      while ((yield* kernelRegister({ timeout: 0 }))?.type === Notification.SIGNAL) told++;
      yield* finish();
    },
  });
  t.equal(told, 0);
});

t.test('PREEMPT: of a VP in a call, by other processes', (t) => {
  const hogs = Array.from({ length: availableParallelism() }, () => spawn('/bin/sh', ['-c', 'while :; do :; done']));
  let seen: Upcall | undefined;
  try {
    init({
      mask: usual | Notification.PREEMPT,
      // With a target of 1, nobody is woken while the VP that was preempted is active.
      target: 0,
      *manager() {
        while (seen === undefined) {
          yield* close(yield* open('/'));
          const upcall = yield* kernelRegister({ timeout: 0 });
          if (upcall?.type === Notification.PREEMPT) seen = upcall;
        }
        yield* finish();
      },
    });
  } finally {
    for (const hog of hogs) hog.kill('SIGKILL');
  }
  t.ok(seen!.arg > 0, `its preemption number ${seen!.arg}`);
});
