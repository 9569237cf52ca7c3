/** A processor is given to a VP that is somewhere else than its giver believes. Nobody waits for it then. */

import { create, createSystem, DETACHED, finish, init, kernelRegister, kernelResumeAndRegister, kernelStatus, Notification, type OpGenerator, type Upcall, type VpHandle } from 'node-vpi';
import { read } from 'node-vpi/sys';
import t from '../program.ts';
import { closePipe, fill, makePipe } from './pipes.ts';

function stateOf(vp: VpHandle): string | undefined {
  return kernelStatus().vps.find((status) => status.vp === vp)?.state;
}

t.test('to one that is held, of which nobody has been told', (t) => {
  const pipe = makePipe();
  let member: VpHandle | undefined;
  let begun = false;
  let given = false;
  let returned: unknown;
  function* reader(): OpGenerator {
    begun = true;
    returned = yield* read(pipe.from, new Uint8Array(1));
    yield* finish();
  }
  init({
    *manager() {
      let upcall: Upcall | undefined;
      member ??= create(reader);
      while (!begun) yield* kernelResumeAndRegister(member);
      if (!given) {
        given = true;
        fill(pipe);
        // This VP is active, and the target is 1: UNBLOCKED waits in the kernel.
        while (stateOf(member) !== 'WAITRESUME');
        upcall = yield* kernelResumeAndRegister(member);
      }
      while (upcall?.type !== DETACHED) upcall = yield* kernelRegister();
      returned = 'without its processor';
      yield* finish();
    },
  });
  t.ok(returned === 1 || returned === 'without its processor', `it is back: ${String(returned)}`);
  closePipe(pipe);
});

t.test('to a system VP that waits for no turn', (t) => {
  const received: unknown[] = [];
  let system: VpHandle | undefined;
  let waits = false;
  function* receiver(): OpGenerator {
    waits = true;
    const upcall = yield* kernelRegister();
    received.push(upcall?.type, upcall?.arg);
    yield* finish(9);
  }
  const status = init({
    *manager() {
      system ??= createSystem(receiver);
      for (let upcall: Upcall | undefined; ; ) {
        if (upcall?.type === Notification.UNBLOCKED) upcall = yield* kernelResumeAndRegister(upcall.vp);
        else if (waits && stateOf(system) === 'REGISTERED') {
          waits = false;
          upcall = yield* kernelResumeAndRegister(system, 77);
        } else upcall = yield* kernelRegister({ timeout: 10 });
      }
    },
  });
  t.equal(status, 9);
  t.strictSame(received, [Notification.RESUMED, 77]);
});
