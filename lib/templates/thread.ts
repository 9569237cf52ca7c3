/** What the templates have to know of a thread; a thread system's own thread type has these beside its own fields. */

import type { KernelOp, VpHandle } from '../vpi/index.ts';

export interface VpiThread {
  /** What the kernel shall do for it. Set before `manager()` returns the thread; the templates clear it when it is done. */
  op: KernelOp<unknown> | undefined;
  /** The VP that is held with it: it has blocked, can go on, and waits for its turn. The templates' own. */
  heldVp: VpHandle | undefined;
}
