/** VPIthreads, as what fills in the five templates. */

import type { MessagePort } from 'node:worker_threads';
import { finish, type KernelOp } from '../vpi/index.ts';
import { defineThreadSystem } from '../templates/index.ts';
import { addThread, generatorOf, receiveMail, resetThreads, threadEnded } from './create.ts';
import { CancelledError } from './errors.ts';
import { addFailures, resetFailures, unjoinedErrors } from './failures.ts';
import { useHostLine, type HostLine } from './host.ts';
import * as instance from './instance.ts';
import { cancelThread } from './cancel.ts';
import { receive, sendFailures, usePorts } from './mail.ts';
import { resetNodes, takeWoken } from './nodes.ts';
import { reportDeadlock } from './report.ts';
import { blocking, scheduler } from './scheduler.ts';
import { Phase, Post } from './shared-memory.ts';
import type { Thread, ThreadFunction } from './thread.ts';
import { onNotification, resetUpcalls } from './upcalls.ts';

/** What every processor is given. */
export interface Setup {
  buffer: SharedArrayBuffer;
  /** To the other processors. */
  ports: (MessagePort | undefined)[];
  /** To the isolate of `start()`. */
  line: HostLine | undefined;
}

/** What the next instance's first thread runs. It cannot be sent, and need not be: `run()` is called where that is. */
let nextMain: ThreadFunction<[]> | undefined;
export let main: Thread | undefined;

export function setNextMain(fn: ThreadFunction<[]>): void {
  nextMain = fn;
}

function init({ buffer, ports, line }: Setup): void {
  instance.beginInstance(buffer);
  usePorts(ports);
  useHostLine(line);
  scheduler.reset();
  scheduler.onEnd = threadEnded;
  resetNodes();
  resetFailures();
  resetUpcalls();
  resetThreads();
  if (instance.index === 0) beginMain();
}

function beginMain(): void {
  main = addThread(generatorOf(nextMain!, []));
  // run() throws what it throws.
  main.isJoined = true;
}

function manager(): Thread | KernelOp<never> | undefined {
  instance.wakeUp();
  let thread: Thread | undefined;
  do {
    if (instance.hasPosts()) takePosts();
    thread = scheduler.runThreads();
  } while (thread === undefined && scheduler.ready.isEmpty && instance.lookForPosts());
  if (instance.phase() === Phase.ending && scheduler.threadCount === 0) leave();
  return instance.mustFinish() ? finish(0) : thread;
}

function takePosts(): void {
  const posts = instance.takePosts();
  if (posts & Post.woken) takeWoken();
  if (posts & Post.mail) takeMail();
  if (posts & Post.phase) changePhase();
}

/** Also what has come for `run()` when the instance is over. */
export function takeMail(): void {
  for (const [from, message] of receive()) {
    if (message.type === 'failures') addFailures(message.errors);
    else receiveMail(from, message);
  }
}

/** All threads of this processor have ended, and detached ones can be started no more. */
function leave(): void {
  if (instance.hasLeft()) return;
  const errors = instance.index === 0 ? [] : unjoinedErrors();
  if (errors.length > 0) sendFailures(errors);
  instance.leave();
}

function changePhase(): void {
  if (instance.phase() === Phase.deadlock) {
    reportDeadlock();
    instance.leave();
    return;
  }
  const error = 'the threads that run() waits for have ended';
  for (const thread of scheduler.allThreads()) cancelThread(thread, new CancelledError(error));
}

function idle(): number | undefined {
  // The news for which no more were run may have been fetched by another processor meanwhile.
  if (!scheduler.ready.isEmpty) return 0;
  return instance.fallAsleep(scheduler.isQuiet()) ? scheduler.nextTimer() : 0;
}

export const threadManager = defineThreadSystem<Thread, Setup>({ init, manager, onNotification, block: blocking, idle });
