/**
 * Nodes: threads that wait for shared objects, as other processors see them. A processor has nodes of its own, and gives
 * them out; others only link them and unlink them.
 */

import { count, index, memory, post } from './instance.ts';
import { scheduler } from './scheduler.ts';
import { Node, Own, Post } from './shared-memory.ts';
import type { Thread } from './thread.ts';

/** Nodes of this processor that nobody uses, the last given back first; those from `unused` on were never used. */
let free: number[] = [];
let unused = 0;
let end = 0;
/** Whose they are. */
let threads = new Map<number, Thread>();

export function resetNodes(): void {
  [unused, end] = memory.nodesOf(index, count);
  free = [];
  threads = new Map();
  untold = [];
}

/** The thread's node; it gets one if it has none. */
export function nodeOf(thread: Thread): number {
  if (thread.node >= 0) return thread.node;
  const node = free.pop() ?? unused++;
  if (node >= end) {
    unused = end;
    throw new RangeError('too many threads wait for shared objects at the same time');
  }
  memory.writeDouble(memory.node(node) + Node.thread, thread.id);
  threads.set(node, thread);
  return (thread.node = node);
}

/** It is in no queue any more. */
export function releaseNode(thread: Thread): void {
  threads.delete(thread.node);
  free.push(thread.node);
  thread.node = -1;
}

/** Processors whose threads were woken, and that do not know of it yet. */
let untold: number[] = [];

/**
 * Its thread waits no longer. On another processor it will see so: when `tellWoken()` was called here, or before. The node
 * is in no queue.
 */
export function wakeNode(node: number): void {
  const processor = memory.processorOfNode(node, count);
  if (processor === index) return wakeOwn(node);
  const own = memory.processor(processor);
  const { words } = memory;
  const lock = memory.lock(own + Own.lock);
  lock.acquire();
  const last = words[own + Own.lastWoken]!;
  words[memory.node(node) + Node.next] = 0;
  if (last === 0) words[own + Own.firstWoken] = node + 1;
  else words[memory.node(last - 1) + Node.next] = node + 1;
  words[own + Own.lastWoken] = node + 1;
  lock.release();
  if (!untold.includes(processor)) untold.push(processor);
}

/**
 * Tells other processors that threads of theirs were woken. Not before all locks are released: who is woken runs at once,
 * and would only wait for them. This processor is active meanwhile, so nobody takes that for a deadlock.
 */
export function tellWoken(): void {
  if (untold.length === 0) return;
  const processors = untold;
  untold = [];
  for (const processor of processors) post(processor, Post.woken);
}

/** Wakes the threads that other processors have woken. */
export function takeWoken(): void {
  const own = memory.processor(index);
  const { words } = memory;
  const lock = memory.lock(own + Own.lock);
  lock.acquire();
  let link = words[own + Own.firstWoken]!;
  words[own + Own.firstWoken] = 0;
  words[own + Own.lastWoken] = 0;
  lock.release();
  // Nobody else touches a node that was woken, until this processor uses it again.
  while (link !== 0) {
    const next = words[memory.node(link - 1) + Node.next]!;
    wakeOwn(link - 1);
    link = next;
  }
}

function wakeOwn(node: number): void {
  const thread = threads.get(node)!;
  releaseNode(thread);
  scheduler.wake(thread);
}
