/**
 * This processor's part in the instance: how it hears from others, how all know that everything is done, or that nothing
 * can ever happen again.
 *
 * - `busy` counts processors with threads that `run()` waits for. Where it comes to 0, the instance ends: detached threads
 *   are cancelled, and the last processor to be without threads calls `finish()`.
 * - `active` counts processors where something can happen by itself: a thread is ready, in the kernel, or timed. Where it
 *   comes to 0 while threads are left, they all wait for each other.
 * - A post makes a processor look. It counts in `active` from before it is seen until it was taken, so the sum never is 0
 *   while one is on its way; threads on their way to a processor count in `busy` likewise.
 */

import { cpuCount, processorCount, processorIndex, queuedCount, wakeProcessor } from '../vpi/index.ts';
import { Header, Own, Phase, Post, SharedMemory } from './shared-memory.ts';

export let memory: SharedMemory;
/** Of this processor. */
export let index = 0;
export let count = 1;

let words: Int32Array;
/** Where its own words begin. */
let own = 0;
/** Threads that `run()` waits for, of this processor. In an object, as the scheduler's state is. */
const waitedFor = { count: 0 };
/** Another processor may run at the same time. */
let canLook = false;
let sleeps = false;
let isActive = false;
let left = false;
/** The last processor has left: somebody has to call `finish()`, and it is this one. */
let isOver = false;

/** The first VP of this processor is here. */
export function beginInstance(buffer: SharedArrayBuffer): void {
  memory = new SharedMemory(buffer);
  ({ words } = memory);
  index = processorIndex();
  count = processorCount();
  own = memory.processor(index);
  canLook = count > 1 && cpuCount() > 1;
  waitedFor.count = 0;
  sleeps = false;
  isActive = true;
  left = false;
  isOver = false;
  Atomics.add(words, Header.active, 1);
  Atomics.add(words, Header.left, 1);
}

export function phase(): number {
  return Atomics.load(words, Header.phase);
}

/** The instance is over, and this processor has to say so to VPI. */
export function mustFinish(): boolean {
  return isOver;
}

/* ---- Posts ------------------------------------------------------------------------------------- */

/** `processor` shall look for `what`, one of `Post`, which is where it looks by now. */
export function post(processor: number, what: number): void {
  const other = memory.processor(processor);
  Atomics.add(words, Header.active, 1);
  // The same post is there still, and has been counted.
  if (Atomics.or(words, other + Own.posts, what) & what) Atomics.sub(words, Header.active, 1);
  // It writes that it sleeps and looks at its posts then: one of us sees the other. From here on it counts as awake, for
  // those who look for its posts, and nobody else needs to wake it.
  if (Atomics.exchange(words, other + Own.sleeps, 0) === 1) wakeProcessor(processor);
}

/** A look at memory; for between two threads. */
export function hasPosts(): boolean {
  return words[own + Own.posts] !== 0;
}

/** What others have posted, as bits of `Post`. */
export function takePosts(): number {
  const posts = Atomics.exchange(words, own + Own.posts, 0);
  for (let bits = posts; bits !== 0; bits &= bits - 1) Atomics.sub(words, Header.active, 1);
  return posts;
}

/**
 * Looks for posts of an idle processor before it sleeps. That takes about as long as to sleep and to be woken, on a slow
 * machine as on a fast one: so at most it wastes what it might have saved.
 */
const looks = 4000;
/** Looks between two at whether anybody is awake to post something. */
const looksAtPosts = 50;

/** It has nothing to run. Waits a little for a post, if another processor is awake that might send one. */
export function lookForPosts(): boolean {
  if (!canLook) return false;
  for (let i = 0; i < looks && othersAreAwake(); i += looksAtPosts) {
    for (let j = 0; j < looksAtPosts; j++) {
      if (Atomics.load(words, own + Own.posts) !== 0) return true;
      if (queuedCount() > 0) return false;
    }
  }
  return false;
}

function othersAreAwake(): boolean {
  for (let other = 0; other < count; other++) if (other !== index && Atomics.load(words, memory.processor(other) + Own.sleeps) === 0) return true;
  return false;
}

/* ---- Sleep ---------------------------------------------------------------------------------------- */

/** It has nothing to run. False: there are posts, so it has. `isQuiet`: nothing can happen here but by a post. */
export function fallAsleep(isQuiet: boolean): boolean {
  Atomics.store(words, own + Own.sleeps, 1);
  sleeps = true;
  if (hasPosts()) return false;
  if (isQuiet && isActive) {
    isActive = false;
    if (Atomics.sub(words, Header.active, 1) === 1) return everythingIsQuiet();
  }
  return true;
}

/** A VP has come to run it: before it looks at anything else. */
export function wakeUp(): void {
  if (!sleeps) return;
  if (!isActive) Atomics.add(words, Header.active, 1);
  isActive = true;
  sleeps = false;
  Atomics.store(words, own + Own.sleeps, 0);
}

/** Nothing will ever happen again. False: but for what is to be done about that. */
function everythingIsQuiet(): boolean {
  if (phase() === Phase.ending) isOver = true;
  else if (Atomics.load(words, Header.busy) > 0) enterPhase(Phase.deadlock);
  else return true;
  return false;
}

/* ---- The end ---------------------------------------------------------------------------------------- */

/** One more thread that `run()` waits for. */
export function threadBegins(): void {
  if (waitedFor.count++ === 0) Atomics.add(words, Header.busy, 1);
}

/** One less: it has ended, or was detached. */
export function threadIsDone(): void {
  if (--waitedFor.count === 0) doneWith();
}

/** A thread is on its way to another processor; and has arrived. */
export function threadDeparts(): void {
  Atomics.add(words, Header.busy, 1);
}

export function threadArrives(): void {
  doneWith();
}

function doneWith(): void {
  if (Atomics.sub(words, Header.busy, 1) === 1) enterPhase(Phase.ending);
}

function enterPhase(next: number): void {
  if (Atomics.compareExchange(words, Header.phase, Phase.running, next) !== Phase.running) return;
  for (let processor = 0; processor < count; processor++) post(processor, Post.phase);
}

export function hasLeft(): boolean {
  return left;
}

/** This processor has no thread any more, or has reported what those wait for. */
export function leave(): void {
  if (left) return;
  left = true;
  if (Atomics.sub(words, Header.left, 1) === 1) isOver = true;
}

/* ---- Load --------------------------------------------------------------------------------------------- */

/** Threads of this processor; so others know where to place new ones. */
export function changeLoad(processor: number, by: number): void {
  Atomics.add(words, memory.processor(processor) + Own.load, by);
}

export function leastLoaded(): number {
  let best = index;
  const load = (processor: number) => Atomics.load(words, memory.processor(processor) + Own.load);
  for (let other = 0; other < count; other++) if (load(other) < load(best)) best = other;
  return best;
}


