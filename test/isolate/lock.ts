/** The paper's locks, between two isolates. */

import { entry, finish, init, kernelRegister, Lock } from 'node-vpi';
import type { Shared } from './lock-manager.ts';
import t from '../program.ts';

t.test('two processors count with one lock', async (t) => {
  const memory = () => new Int32Array(new SharedArrayBuffer(8));
  const shared: Shared = { lock: memory().subarray(0, 1), counter: memory(), rounds: 20000 };
  init({ manager: entry(import.meta.resolve('./lock-manager.js'), 'manager'), data: shared, processors: 2 });
  t.equal(shared.counter[0], 2 * shared.rounds);
});

t.test('what may not be done with a lock', async (t) => {
  const errors: unknown[] = [];
  const attempt = (what: () => void) => {
    try {
      what();
    } catch (error) {
      errors.push((error as Error).message);
    }
  };
  const run = () =>
    init({
      *manager() {
        const lock = new Lock();
        attempt(() => lock.release());
        lock.acquire();
        attempt(() => lock.acquire());
        attempt(() => lock.free());
        if (lock.tryAcquire()) errors.push('acquired twice');
        lock.release();
        if (!lock.tryAcquire()) errors.push('not acquired');
        yield* kernelRegister();
        yield* finish();
      },
    });
  t.throws(run, { name: 'TypeError', message: /kernelRegister\(\): a Lock is held/ });
  t.strictSame(errors, [
    'this processor does not hold the lock',
    'this processor holds the lock already: it would spin for ever',
    'the lock is held',
  ]);
});
