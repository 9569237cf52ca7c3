/**
 * `node-vpi/templates`: the paper's five templates, and what puts them together.
 *
 * Each module's head says what VPI requires there, what the thread system fills in, and the rules. `docs/templates.md` is
 * the way through them: it fills in all five, and tells what one sees when a rule is broken.
 */

export type { Idle } from './idle-loop.ts';
export type { OnNotification } from './notification-handling.ts';
export type { Blocking } from './thread-blocking.ts';
export { defineThreadSystem, type ThreadSystem } from './thread-system.ts';
export type { VpiThread } from './thread.ts';
export type { Initialize } from './vp-initialization.ts';
export type { RunThreads } from './vp-manager.ts';
