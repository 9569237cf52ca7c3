/** Figure 4: two threads signal each other, with one mutex and one condition. An iteration is one signal and the wait for it. */

import { Condition, entry, Mutex, Thread, type Handle, type OpGenerator } from 'node-vpi/threads';
import { check } from './arguments.ts';

/** `turn[0]`: whose it is; `turn[1]`: how often it was taken. */
function* player(mutex: Mutex, condition: Condition, turn: Int32Array, me: number, count: number): OpGenerator {
  yield* mutex.lock();
  for (let i = 0; i < count; i++) {
    while (turn[0] !== me) yield* condition.wait(mutex);
    turn[0] = 1 - me;
    turn[1]!++;
    condition.signal();
  }
  mutex.unlock();
}

export function* playerElsewhere(mutex: Handle<'Mutex'>, condition: Handle<'Condition'>, turn: Int32Array, me: number, count: number): OpGenerator {
  yield* player(Mutex.from(mutex), Condition.from(condition), turn, me, count);
}

export function* signal(count: number, processors: number): OpGenerator {
  const [mutex, condition] = [new Mutex(), new Condition()];
  const turn = new Int32Array(new SharedArrayBuffer(8));
  const start = (me: number) => {
    const each = Math.ceil((count - me) / 2);
    if (processors === 1) return Thread.create(player, mutex, condition, turn, me, each);
    return Thread.create(entry<typeof playerElsewhere>(import.meta.url, 'playerElsewhere', { processor: me }), mutex.shared(), condition.shared(), turn, me, each);
  };
  for (const thread of [start(0), start(1)]) yield* thread.join();
  check(turn[1] === count, 'a turn was lost, or taken twice');
  if (processors > 1) for (const object of [mutex, condition]) object.free();
}
