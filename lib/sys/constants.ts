/**
 * Numbers that functions of `node-vpi/sys` take and return, by their names in C. Those for `open()` are in
 * `fs.constants`.
 */
export const constants = {
  /** `flock()`: shared, exclusive, none; with NB it fails with EAGAIN where it would wait. */
  LOCK_SH: 1,
  LOCK_EX: 2,
  LOCK_NB: 4,
  LOCK_UN: 8,

  /** `poll()`: what is asked for, and what is there. */
  POLLIN: 0x1,
  POLLPRI: 0x2,
  POLLOUT: 0x4,
  POLLRDHUP: 0x2000,
  /** `poll()`: there without being asked for. */
  POLLERR: 0x8,
  POLLHUP: 0x10,
  POLLNVAL: 0x20,

  /** `recv()`, `send()`. */
  MSG_OOB: 0x1,
  MSG_PEEK: 0x2,
  MSG_TRUNC: 0x20,
  MSG_DONTWAIT: 0x40,
  MSG_WAITALL: 0x100,
  MSG_MORE: 0x8000,

  /** `shutdown()`. */
  SHUT_RD: 0,
  SHUT_WR: 1,
  SHUT_RDWR: 2,

  /** `waitpid()`: do not wait. */
  WNOHANG: 1,
} as const;
