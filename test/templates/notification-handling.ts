/** The template notification handling, filled in; and its rules, broken. */

import { DETACHED, Notification, type OpGenerator } from 'node-vpi';
import { close, open, write } from 'node-vpi/sys';
import { blocks, join, pass, ready, run, system } from '../../examples/coroutines/coroutines.ts';
import t from '../program.ts';
import { blockedReader, masks, runChanged, type Changes } from './changed.ts';

const { BLOCKED, UNBLOCKED } = Notification;

/** It has blocked, and is in the queue again. */
function* blocksOnce(): OpGenerator {
  const [reader, output] = yield* blockedReader();
  yield* write(output, 'x');
  while (!ready.includes(reader)) yield* pass();
  yield* join(reader);
}

for (const [name, mask] of Object.entries(masks)) {
  await t.test(`what is told of a thread that blocks, ${name}`, async (t) => {
    const told: [number, boolean][] = [];
    const traced: Changes = {
      onNotification(type, thread) {
        if (thread !== undefined) told.push([type, ready.includes(thread)]);
      },
    };
    runChanged(traced, blocksOnce, { mask });
    t.strictSame(told, [[BLOCKED, false], [(mask & UNBLOCKED) !== 0 ? UNBLOCKED : DETACHED, true]], 'and whether it is ready then');
  });
}

t.test('3.1 a hook that would wait', async (t) => {
  let calls = 0;
  const waits: Changes = {
    *onNotification(): OpGenerator {
      calls++;
    },
  };
  runChanged(waits, blocksOnce);
  t.equal(calls, 0, 'does not even begin');
  const error = new Error('of the hook');
  const throwing: Changes = {
    onNotification() {
      throw error;
    },
  };
  t.equal(t.throws(() => runChanged(throwing, blocksOnce)), error, 'and what one throws ends the instance');
});

t.test('3.2 a system that counts by BLOCKED what is in the kernel', async (t) => {
  let [begun, inKernel] = [0, 0];
  const counts: Changes = {
    onNotification(type) {
      if (type === BLOCKED) inKernel++;
    },
    block: {
      ...system.block,
      begin: () => void begun++,
      done: () => void inKernel--,
    },
  };
  runChanged(counts, function* () {
    for (let i = 0; i < 20; i++) yield* close(yield* open('/dev/null'));
  });
  t.equal(begun, 40);
  t.ok(inKernel < -20, `is wrong where calls do not block: there are ${inKernel}`);
  run(blocksOnce);
  t.ok(blocks > 0, 'those that do are told of');
});
