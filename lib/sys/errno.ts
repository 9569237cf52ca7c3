/** Results of system calls that mean more to an op than that it failed. */

import { constants } from 'node:os';

const { errno } = constants;

export const EINTR = -errno.EINTR;
export const EAGAIN = -errno.EAGAIN;
export const EINPROGRESS = -errno.EINPROGRESS;
export const EOPNOTSUPP = -errno.EOPNOTSUPP;
