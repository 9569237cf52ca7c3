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
  type Upcall,
  type VpHandle,
} from 'node-vpi';
import { read } from 'node-vpi/sys';
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
      for (let upcall: Upcall | undefined; ; ) {
        upcall = yield* upcall?.type === Notification.UNBLOCKED ? kernelResumeAndRegister(upcall.vp) : kernelRegister({ timeout: 1 });
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
      for (let upcall: Upcall | undefined; ; ) {
        upcall = yield* upcall?.type === Notification.UNBLOCKED ? kernelResumeAndRegister(upcall.vp) : kernelRegister({ timeout: 10 });
        if (upcall?.type !== Notification.UNBLOCKED) kernelResume(system, 77);
      }
    },
  });
  t.equal(status, 9);
  t.strictSame(received, [Notification.RESUMED, 77, true]);
});

// A turn that it asks for twice, it would be given once more while it waits for something else.
t.test('a system VP that is woken while it waits for its turn does not ask again', (t) => {
  const received: unknown[] = [];
  let system: VpHandle | undefined;
  let hasTurn = false;
  const status = init({
    *manager() {
      if (!system) {
        system = createSystem(function* (): OpGenerator {
          received.push((yield* kernelRegister())?.arg);
          yield* finish(9);
        });
        // It is there to be woken the second time when it has done what it does after the first.
        for (let woken = 0; woken < 2; ) if (kernelResume(system)) woken++;
      }
      for (let upcall: Upcall | undefined; ; ) {
        if (upcall?.type === Notification.UNBLOCKED) {
          hasTurn = true;
          upcall = yield* kernelResumeAndRegister(upcall.vp);
        } else {
          if (hasTurn) kernelResume(system, 77);
          upcall = yield* kernelRegister({ timeout: 10 });
        }
      }
    },
  });
  t.equal(status, 9);
  t.strictSame(received, [77]);
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
