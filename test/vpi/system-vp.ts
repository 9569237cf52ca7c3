/** VPs that are created by a manager: members, and system VPs, of whose blocking nobody is told. */

import {
  create,
  createSystem,
  finish,
  init,
  kernelRegister,
  kernelResume,
  kernelResumeAndRegister,
  kernelStatus,
  Notification,
  self,
  type OpGenerator,
  type VpHandle,
} from '../../lib/vpi/index.ts';
import { read } from '../../lib/sys/index.ts';
import t from '../program.ts';
import { closePipe, fill, makePipe } from './pipes.ts';

t.test('a system VP blocks, and the others go on without being told', (t) => {
  const pipe = makePipe();
  const lengths: number[] = [];
  let begun = 0;
  let filled = 0;
  let blocked = 0;
  function* system(): OpGenerator {
    while (begun < 3) {
      begun++;
      lengths.push(yield* read(pipe.from, new Uint8Array(1)));
    }
    yield* finish();
  }
  // Every VP that comes has a manager; the first one creates the system VP.
  let created = false;
  init({
    *manager() {
      if (!created) createSystem(system);
      created = true;
      for (;;) {
        const upcall = yield* kernelRegister({ timeout: 1 });
        if (upcall?.type === Notification.UNBLOCKED) yield* kernelResumeAndRegister(upcall.vp);
        blocked += kernelStatus().count.BLOCKED;
        if (begun > filled) {
          filled++;
          fill(pipe);
        }
      }
    },
  });
  t.strictSame(lengths, [1, 1, 1]);
  t.equal(blocked, 0, 'it never counts as blocked');
  closePipe(pipe);
});

t.test('a system VP is sent for', (t) => {
  const received: unknown[] = [];
  const senders = new Set<VpHandle>();
  let system: VpHandle | undefined;
  const status = init({
    *manager() {
      senders.add(self());
      system ??= createSystem(function* (): OpGenerator {
        const upcall = yield* kernelRegister();
        received.push(upcall?.type, upcall?.arg, senders.has(upcall!.vp));
        yield* finish(9);
      });
      for (;;) {
        const upcall = yield* kernelRegister({ timeout: 10 });
        if (upcall?.type === Notification.UNBLOCKED) yield* kernelResumeAndRegister(upcall.vp);
        else kernelResume(system, 77);
      }
    },
  });
  t.equal(status, 9);
  t.strictSame(received, [Notification.RESUMED, 77, true]);
});

t.test('a member VP runs its own manager when it comes to this processor', (t) => {
  let seen: unknown;
  let member: VpHandle | undefined;
  init({
    *manager() {
      member ??= create(function* (vp): OpGenerator {
        const upcall = yield* kernelRegister();
        seen = [vp === member, upcall?.type, upcall?.arg];
        yield* finish();
      });
      // Until it has registered.
      for (;;) yield* kernelResumeAndRegister(member, 5);
    },
  });
  t.strictSame(seen, [true, Notification.RESUMED, 5]);
});
