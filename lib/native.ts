/** The addon's face: every native function with its type. Only `lib/vpi` and `lib/sys` import this. */

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** What `run()` gives back. */
export interface Ending {
  /** Given to `finish()`; below 0: -errno of what failed while the instance began. */
  status: number;
  /** What failed then. */
  syscall?: string;
  /** A processor failed; its error as JSON, or `null` if it could not say. */
  failure?: string;
}

/** Functions that can fail return -errno. A handle of 0 is no VP. */
export interface Native {
  /** Claims the process's one instance and names it; 0: there is one already. */
  claim(options: { processors: number; vps: number; maxVps: number; mask: number; target: number }): number;
  /** Gives up a claim that is not going to be run. */
  abandon(): void;
  /** Runs the instance with the calling isolate as processor 0. Returns when no VP exists any more. */
  run(dispatch: Dispatch): Ending;
  /** Makes the calling isolate a processor until the instance ends; false: it has ended already. */
  serve(index: number, generation: number, dispatch: Dispatch): boolean;
  /** Ends the instance with an error, as JSON. From any thread. False: it ends already. */
  fail(error: string): boolean;
  /** Ends the process without running anything else. */
  exit(status: number): never;

  /** Memory of a processor that both sides see: see `protocol.ts`. */
  mailbox(processor: number): ArrayBuffer;
  /** The kernel's shared page as 32-bit words; undefined without an instance. */
  page(): Uint32Array | undefined;
  /** The address of a buffer, whose memory is kept until the next request of this processor is done. */
  pin(view: ArrayBufferView): number;
  /** How many upcalls wait for this processor; the oldest is in its mailbox now, and waits no longer. */
  takeUpcall(): number;
  /** Fetches a queued notification without sleeping; false: there is none. */
  poll(): boolean;

  create(isSystem: boolean): number;
  resume(vp: number, argument: number, processor: number): number;
  /** Somebody shall run that processor: there is work for it. */
  wake(processor: number): void;
  /** Makes the blocked system call of a VP fail with EINTR. */
  interrupt(vp: number): number;
  self(): number;
  mode(mask: number, all: boolean): number;
  cpuCount(): number;
  vpCount(): number;
  /** `struct vpi_status`, or -errno. */
  status(vp: number): Buffer | number;
  vps(): number[];

  /** A system call here and now, inside the isolate. */
  syscall(number: number, ...args: number[]): number;
  /**
   * These return -EAGAIN where the call would block, -EOPNOTSUPP where that cannot be told beforehand. `length` is all of
   * the view. They throw a `TypeError` where the view lies in memory that can be resized, as `pin()` does.
   */
  attemptRead(fd: number, view: Uint8Array, length: number, position: number): number;
  attemptWrite(fd: number, view: Uint8Array, length: number, position: number): number;
  attemptReceive(fd: number, view: Uint8Array, length: number, flags: number): number;
  attemptSend(fd: number, view: Uint8Array, length: number, flags: number): number;
  /** `CLOCK_MONOTONIC` in nanoseconds. */
  now(): number;
  yieldCpu(): void;
  /** From now on each VP that enters or has left an isolate says so to this fd, of tracefs's trace_marker; -1: no more. */
  mark(fd: number): void;
}

/** Called by a VP that owns this processor, at the bottom of its stack. */
export type Dispatch = (slot: number, entry: number) => void;

/** As seen from `dist/lib` and from `dist/bundle`. */
const root = join(import.meta.dirname, '../..');

function load(): Native {
  const { modules, node } = process.versions;
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('node-vpi runs on Linux on x86-64 only');
  const variables: Record<string, unknown> = process.config.variables;
  if (variables['v8_enable_pointer_compression']) {
    throw new Error('node-vpi cannot run on a Node with pointer compression: its isolates cannot be entered by other threads');
  }
  const path = join(root, `build/addon/${modules}/vpi.node`);
  if (!existsSync(path)) throw new Error(`node-vpi is not built for Node ${node}: npm run build -- --node ${process.execPath}`);
  // A copy: what a module of C++ exports is a dictionary to V8, in which each function is looked up at each call.
  return { ...(createRequire(import.meta.url)(path) as Native) };
}

export const native = load();
