/**
 * `node-vpi/sys`: system calls that may block their VP, and nobody else.
 *
 * They are ops: a thread or a manager `yield*`s them, and has the result, or an error thrown, as if it had made the call
 * itself. What need not wait is done at once; the rest leaves the isolate to others. EINTR never comes out of them.
 */

export type { GivenAddress, InternetAddress, SocketAddress, UnixAddress } from './address.ts';
export type { Bytes } from './arguments.ts';
export { connect } from './connect.ts';
export { constants } from './constants.ts';
export { close, fdatasync, flock, fsync, open } from './file.ts';
export { lines, type Lines } from './lines.ts';
export { accept, listen, type Connection, type ListenOptions } from './listen.ts';
export { recv, send } from './message.ts';
export { eventfd, pipe, type EventFdOptions } from './pipe.ts';
export { poll, type PollRequest, type PollResult } from './poll.ts';
export { waitpid, type ChildStatus } from './process.ts';
export { getrandom } from './random.ts';
export { pread, read } from './read.ts';
export { getsockname, shutdown, socketpair } from './socket.ts';
export { nanosleep } from './time.ts';
export { readv, writev } from './vector.ts';
export { readFile, writeFile, type ReadFileOptions, type WriteFileOptions } from './whole-file.ts';
export { pwrite, write } from './write.ts';
