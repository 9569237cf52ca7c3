/**
 * What attempts have taught about descriptors, so that it need not be found out for each call. Hints only: where one is
 * out of date, because somebody else has closed the descriptor and its number was given to another file, a call leaves
 * the isolate that need not have, or a read returns less than it could.
 */

/** Descriptors beyond these are not remembered. */
const known = new Uint8Array(0x10000);

/** The kernel cannot tell beforehand whether a read or a write would wait: it is not worth trying. */
export const unknownRead = 1;
export const unknownWrite = 2;
/** No regular file: if a read returns less than was asked for, that is all there is now. */
export const stream = 4;

export function isKnown(fd: number, hint: number): boolean {
  return (known[fd]! & hint) !== 0;
}

export function learn(fd: number, hint: number): void {
  known[fd]! |= hint;
}

export function forget(fd: number): void {
  known[fd] = 0;
}
