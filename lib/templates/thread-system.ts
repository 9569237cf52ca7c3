/** A thread system: what fills in the five templates (paper, section 5). */

import type { Manager } from '../vpi/index.ts';
import type { Idle } from './idle-loop.ts';
import type { OnNotification } from './notification-handling.ts';
import type { Blocking } from './thread-blocking.ts';
import type { VpiThread } from './thread.ts';
import type { Initialize } from './vp-initialization.ts';
import { managerLoop, type RunThreads } from './vp-manager.ts';

/** Each part is explained where its template is. `T`: its threads; `Data`: what its `init` is given. */
export interface ThreadSystem<T extends VpiThread, Data = undefined> {
  init: Initialize<Data>;
  manager: RunThreads<T>;
  onNotification: OnNotification<T>;
  block: Blocking<T>;
  idle: Idle;
}

/**
 * Puts the templates together, filled in by `system`, to the manager that `init()` of `node-vpi` takes. With more than one
 * processor: export it from a module, and name it by `entry()`.
 *
 * ```ts
 * export const manager = defineThreadSystem<Coroutine, Data>({ init, manager: runCoroutines, onNotification, block, idle });
 * init({ manager, data });
 * ```
 */
export function defineThreadSystem<T extends VpiThread, Data = undefined>(system: ThreadSystem<T, Data>): Manager {
  return (_vp, isFirst) => managerLoop(system, isFirst);
}
