/** `node-vpi/threads`: VPIthreads, a complete thread system on virtual processors (paper, section 5). */

export { Barrier } from './barrier.ts';
export { Condition } from './condition.ts';
export { current, stats, type Stats } from './current.ts';
export { CancelledError, DeadlockError, type WaitingThread } from './errors.ts';
export { host } from './host.ts';
export { Mutex } from './mutex.ts';
export { run, type RunOptions } from './run.ts';
export { Semaphore } from './semaphore.ts';
export { sleep, yieldNow } from './sleep.ts';
export { start, type StartOptions } from './start.ts';
export type { Handle } from './synchronizer.ts';
export { Thread, type ThreadFunction, type ThreadState } from './thread.ts';
export { ThreadLocal } from './thread-local.ts';
export { on, type UpcallName } from './upcalls.ts';
export { entry, type Entry, type OpGenerator } from '../vpi/index.ts';
