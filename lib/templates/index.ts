/** `node-vpi/templates`: the paper's five templates, and what puts them together. */

export type { Idle } from './idle-loop.ts';
export type { OnNotification } from './notification-handling.ts';
export type { Blocking } from './thread-blocking.ts';
export { defineThreadSystem, type ThreadSystem } from './thread-system.ts';
export type { VpiThread } from './thread.ts';
export type { Initialize } from './vp-initialization.ts';
export type { RunThreads } from './vp-manager.ts';
