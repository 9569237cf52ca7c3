/**
 * Memory for the structures of calls that are made at once, inside the isolate: nobody else can run between writing and
 * reading it. Calls that may block keep their structures to themselves.
 */

import { native } from '../native.ts';

export const scratch = Buffer.alloc(4096);

/** The same memory as 32-bit numbers. */
export const scratchWords = new Int32Array(scratch.buffer, scratch.byteOffset, scratch.length / 4);

/** It stays the same: nobody detaches this buffer, and the module keeps it. */
export const scratchAddress = native.pin(scratch);
