/** Processor 0 gives processor 1 a job through shared memory, just when that falls asleep; for idle-loop.ts. */

import { finish, processorIndex, wakeProcessor } from 'node-vpi';
import { defineThreadSystem, type VpiThread } from 'node-vpi/templates';

export interface Job {
  /** [0] the job is there, [1] processor 1 sleeps, [2] how far both are, [3...] calls of init() on each. */
  words: Int32Array;
  /** How processor 1 falls asleep; the last is wrong. */
  how: 'says it first' | 'is always waked' | 'looks first';
}

let job: Job;
let isGiven = false;
let sleptOver = false;

const isThere = () => Atomics.load(job.words, 0) === 1;
const say = (isAsleep: boolean) => Atomics.store(job.words, 1, Number(isAsleep));

/** Between the two things that processor 1 does to fall asleep. */
function give({ words, how }: Job): void {
  while (Atomics.load(words, 2) === 0);
  Atomics.store(words, 0, 1);
  if (how === 'is always waked' || Atomics.load(words, 1) === 1) wakeProcessor(1);
  Atomics.store(words, 2, 2);
}

function waitUntilGiven({ words }: Job): void {
  if (Atomics.compareExchange(words, 2, 0, 1) === 0) while (Atomics.load(words, 2) !== 2);
}

function fallAsleep({ how }: Job): number | undefined {
  if (how === 'says it first') say(true);
  else if (isThere()) return 0;
  waitUntilGiven(job);
  if (how === 'is always waked') return undefined;
  if (how === 'says it first') return isThere() ? 0 : undefined;
  say(true);
  sleptOver = isThere();
  // And not undefined: it would sleep for ever.
  return 100;
}

export const manager = defineThreadSystem<VpiThread, Job>({
  init(data) {
    job = data;
    isGiven = false;
    sleptOver = false;
    Atomics.add(job.words, 3 + processorIndex(), 1);
  },
  manager() {
    if (processorIndex() === 0) {
      if (!isGiven) give(job);
      isGiven = true;
      return undefined;
    }
    say(false);
    return isThere() ? finish(Number(sleptOver)) : undefined;
  },
  onNotification() {},
  block: { begin() {}, done() {}, ready() {}, resumed() {} },
  idle: () => (processorIndex() === 1 ? fallAsleep(job) : undefined),
});
