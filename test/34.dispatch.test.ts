/** The dispatcher, between managers and a native loop that this test plays: no addon, no kernel. */

import { registerHooks } from 'node:module';
import t from 'tap';
import type { Native } from '../lib/native.ts';
import type * as Vpi from '../lib/vpi/index.ts';
import { Entry, gone, inboxLengthOffset, mailboxHandle, Opcode, slotOf } from '../lib/vpi/protocol.ts';

type Script = (loop: FakeLoop) => void;

/** What the addon is to `lib/vpi`: a mailbox, an inbox, and who calls dispatch. */
class FakeLoop {
  readonly memory = new ArrayBuffer(256);
  readonly mailbox = new Float64Array(this.memory, 0, 16);
  readonly inbox: number[][] = [];
  readonly failures: string[] = [];
  #dispatch: (slot: number, entry: number) => void = () => {};

  readonly native: Partial<Native> = {
    claim: () => 1,
    abandon: () => {},
    mailbox: () => this.memory,
    page: () => new Uint32Array(16),
    now: () => 0,
    fail: (error) => this.failures.push(error) > 0,
    takeUpcall: () => {
      const waiting = this.inbox.length;
      const upcall = this.inbox.shift();
      this.#showLength();
      if (upcall) this.mailbox.set(upcall);
      return waiting;
    },
    run: (dispatch) => {
      this.#dispatch = dispatch;
      this.script(this);
      return { status: 0, ...(this.failures[0] !== undefined && { failure: this.failures[0] }) };
    },
  };

  script: Script;

  constructor(script: Script) {
    this.script = script;
  }

  push(...upcall: number[]): void {
    this.inbox.push(upcall);
    this.#showLength();
  }

  #showLength(): void {
    new Int32Array(this.memory, inboxLengthOffset, 1)[0] = this.inbox.length;
  }

  /** A VP enters; gives what it asks for then. */
  enter(handle: number, entry: number, result = 0): number {
    this.mailbox[0] = result;
    this.mailbox[mailboxHandle] = handle;
    this.#dispatch(slotOf(handle), entry);
    return this.mailbox[0];
  }
}

/** The loop that the library talks to now. */
let current = new FakeLoop(() => {});

const fake: { native: unknown } & typeof globalThis = Object.assign(globalThis, {
  native: new Proxy({}, { get: (_, name) => current.native[name as keyof Native] }),
});

const place = 'data:text/javascript,export const native = globalThis.native;';
registerHooks({
  resolve: (specifier, context, next) => (specifier.endsWith('/native.js') ? { url: place, format: 'module', shortCircuit: true } : next(specifier, context)),
});
const vpi: typeof Vpi = await import('../lib/vpi/index.ts');
t.type(fake.native, 'object');

/** `script` plays the native loop from here on. */
function withLoop(script: Script): void {
  current = new FakeLoop(script);
}

t.test('a manager waits, and is given what comes', async (t) => {
  const seen: unknown[] = [];
  withLoop((loop) => {
    t.equal(loop.enter(1, Entry.news), Opcode.register, 'it begins, and has nothing to do');
    loop.push(1, 2, 0, 5, 0);
    t.equal(loop.enter(1, Entry.news), Opcode.register);
    t.equal(loop.enter(1, Entry.timeout), Opcode.register);
    t.equal(loop.enter(1, Entry.news), Opcode.register, 'news without an upcall are RESUMED');
    t.equal(loop.enter(3, Entry.news), Opcode.register, 'another VP has a manager of its own');
  });
  vpi.init({
    *manager(vp) {
      for (;;) seen.push([vp, (yield* vpi.kernelRegister())?.type]);
    },
  });
  t.strictSame(seen, [[1, 1], [1, undefined], [1, 8], [3, 8]]);
});

/** An op whose results are what the loop says. */
class Call extends vpi.KernelOp<number> {
  readonly name = 'call()';

  request(mailbox: Float64Array): boolean {
    mailbox[0] = Opcode.syscall;
    return true;
  }

  receive(result: number): void {
    if (result !== -4) this.resolve(result);
  }
}

t.test('a call: its result, once more after EINTR, and a result that comes without its VP', async (t) => {
  const results: number[] = [];
  const closed: number[] = [];
  const upcalls: unknown[] = [];
  withLoop((loop) => {
    t.equal(loop.enter(1, Entry.news), Opcode.syscall);
    t.equal(loop.enter(1, Entry.result, -4), Opcode.syscall, 'EINTR is no result');
    t.equal(loop.enter(1, Entry.result, 7), Opcode.syscall);
    loop.push(0x100, 1, 0, 0, 9);
    t.equal(loop.enter(2, Entry.news), Opcode.register, 'the carrier goes on');
    t.equal(loop.enter(1, Entry.news), Opcode.syscall, 'the VP has a new manager');
  });
  vpi.init({
    *manager(vp) {
      try {
        for (; vp === 1; ) {
          vpi.setData('its thread');
          results.push(yield* new Call());
        }
      } finally {
        closed.push(vp);
      }
      for (;;) {
        const upcall = yield* vpi.kernelRegister();
        if (upcall?.type === vpi.DETACHED) upcalls.push(upcall.data, upcall.op!.isSettled);
      }
    },
  });
  t.strictSame(results, [7]);
  t.strictSame(upcalls, ['its thread', true]);
  t.strictSame(closed, [1, 2], 'the manager in the middle of the call was closed');
});

t.test('a VP that has ended leaves nothing for the next one in its slot', async (t) => {
  const slot = 7;
  const [first, second, third] = [1, 2, 3].map((generation) => generation * 0x10000 + slot);
  const closed: number[] = [];
  const data: unknown[] = [];
  const upcalls: unknown[] = [];
  withLoop((loop) => {
    t.equal(loop.enter(first!, Entry.news), Opcode.register);
    loop.push(gone, first!, 0, 0, 0);
    t.equal(loop.enter(1, Entry.news), Opcode.register, 'another VP comes, and hears of it');
    t.strictSame(closed, [first], 'its manager is closed');
    t.equal(loop.enter(second!, Entry.news), Opcode.syscall);
    // It is back without its processor, runs others, and ends, before anybody looks here.
    loop.push(0x100, second!, 0, 0, 9);
    loop.push(gone, second!, 0, 0, 0);
    t.equal(loop.enter(third!, Entry.news), Opcode.register, 'its slot has another VP already');
    t.strictSame(closed, [first, second]);
    loop.push(gone, third!, 0, 0, 0);
    t.equal(loop.enter(1, Entry.timeout), Opcode.register);
    t.strictSame(closed, [first, second, third]);
  });
  vpi.init({
    *manager(vp) {
      data.push(vpi.getData());
      vpi.setData(vp);
      try {
        if (vp === second) yield* new Call();
        for (;;) {
          const upcall = yield* vpi.kernelRegister();
          if (upcall?.type === vpi.DETACHED) upcalls.push(upcall.vp, upcall.data, upcall.op!.isSettled);
        }
      } finally {
        closed.push(vp);
      }
    },
  });
  t.strictSame(data, [undefined, undefined, undefined, undefined]);
  t.strictSame(upcalls, [second, second, true], 'the result of its call is there');
});

t.test('a call that is refused waits, and is made when there is nothing else to do', async (t) => {
  const upcalls: unknown[] = [];
  withLoop((loop) => {
    t.equal(loop.enter(1, Entry.news), Opcode.syscall);
    t.equal(loop.enter(1, Entry.refused), Opcode.register, 'another manager goes on');
    t.equal(loop.enter(1, Entry.news), Opcode.syscall, 'instead of sleep');
    t.equal(loop.enter(1, Entry.refused), Opcode.register, 'it is refused once more');
    t.ok(loop.mailbox[1]! < 1e9, 'and the VP looks again soon');
    t.equal(loop.enter(1, Entry.timeout), Opcode.syscall);
    t.equal(loop.enter(1, Entry.result, 3), Opcode.register);
  });
  let isFirst = true;
  vpi.init({
    *manager() {
      if (isFirst) {
        isFirst = false;
        vpi.setData('thread');
        yield* new Call();
      }
      for (;;) {
        const upcall = yield* vpi.kernelRegister();
        if (upcall?.type === vpi.DETACHED) upcalls.push(upcall.data);
      }
    },
  });
  t.strictSame(upcalls, ['thread']);
});

t.test('a refused call is given up, unless it has to be made', async (t) => {
  class Needed extends Call {
    override get canBeAbandoned(): boolean {
      return false;
    }
  }
  const ends: unknown[] = [];
  withLoop((loop) => {
    t.equal(loop.enter(1, Entry.news), Opcode.syscall);
    t.equal(loop.enter(1, Entry.refused), Opcode.syscall, 'another manager asks for the other call');
    t.equal(loop.enter(1, Entry.refused), Opcode.register);
    t.equal(loop.enter(1, Entry.news), Opcode.syscall, 'one is left');
    t.equal(loop.enter(1, Entry.result, 3), Opcode.register);
  });
  const calls = [new Call(), new Needed()];
  const left = [...calls];
  vpi.init({
    *manager() {
      for (let call; (call = left.shift()); ) yield* call;
      for (const call of calls) vpi.abandonOp(call, new Error('not wanted'));
      for (;;) {
        const upcall = yield* vpi.kernelRegister();
        if (upcall?.type === vpi.DETACHED) ends.push(upcall.op);
      }
    },
  });
  t.strictSame(ends, calls);
  t.throws(() => calls[0]!.next(), /not wanted/);
  t.strictSame(calls[1]!.next(), { done: true, value: 3 });
});

t.test('what a manager must not do ends the instance', async (t) => {
  const enter: Script = (loop) => t.equal(loop.enter(1, Entry.news), Opcode.finish);
  withLoop(enter);
  const run = (manager: () => Vpi.OpGenerator) => () => vpi.init({ manager });
  t.throws(run(function* () { yield 5 as never; }), /a manager yielded 5/);
  t.throws(run(function* () { new vpi.Lock().acquire(); yield* vpi.kernelRegister(); }), /kernelRegister\(\): a Lock is held/);
  t.throws(run(function* () { throw new Error('its own'); }), /its own/);
});

t.test('arguments of init()', async (t) => {
  function* manager(): Vpi.OpGenerator {}
  const wrong: [object, RegExp][] = [
    [{}, /manager must be a generator function/],
    [{ manager, processors: 2 }, /manager must be named by entry\(\)/],
    [{ manager, processors: 0 }, /processors must be a whole number from 1 to 64, not 0/],
    [{ manager, vps: -1 }, /vps must be/],
    [{ manager, maxVps: 1 }, /maxVps must be/],
    [{ manager, mask: 64 }, /mask must be/],
    [{ manager, target: 0.5 }, /target must be/],
  ];
  for (const [options, message] of wrong) t.throws(() => vpi.init(options as Vpi.InitOptions), message);
});
