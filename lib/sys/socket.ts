/** Stream sockets: what concerns any of them. None of this waits. */

import { native } from '../native.ts';
import type { Op } from '../vpi/op.ts';
import { addressLength, AF_INET, AF_INET6, AF_UNIX, decodeAddress, type SocketAddress } from './address.ts';
import { checkedDescriptor, checkedWhole } from './arguments.ts';
import { atOnce, callAtOnce } from './at-once.ts';
import { constants } from './constants.ts';
import { forget } from './hints.ts';
import { scratch, scratchAddress } from './scratch.ts';
import { numbers } from './system-call-numbers.ts';

const SOCK_STREAM = 1;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_ERROR = 4;
const intLength = 4;

export function familyOf(address: SocketAddress): number {
  if ('path' in address) return AF_UNIX;
  return address.host.includes(':') ? AF_INET6 : AF_INET;
}

export function createSocket(family: number): number {
  const fd = callAtOnce('socket', numbers.socket, family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  forget(fd);
  return fd;
}

/** It was never connected, so there is nothing that closing it could wait for. */
export function dropSocket(fd: number): void {
  native.syscall(numbers.close, fd);
}

/** A port can be listened at again while connections of those who did before are not quite over. */
export function allowReuse(fd: number): void {
  scratch.writeInt32LE(1);
  callAtOnce('setsockopt', numbers.setsockopt, fd, SOL_SOCKET, SO_REUSEADDR, scratchAddress, intLength);
}

/** What has become of something that nobody waited for; 0 or -errno. */
export function takeError(fd: number): number {
  scratch.writeInt32LE(intLength, intLength);
  const result = native.syscall(numbers.getsockopt, fd, SOL_SOCKET, SO_ERROR, scratchAddress, scratchAddress + intLength);
  return result < 0 ? result : -scratch.readInt32LE();
}

/**
 * The address of a socket's own end: which port it has, say, after `listen({ port: 0 })`. For threads and managers.
 *
 * @throws {VpiError} `ENOTSOCK`
 */
export function getsockname(fd: number): Op<SocketAddress> {
  checkedDescriptor(fd);
  return atOnce('getsockname', () => {
    scratch.writeUInt32LE(addressLength, addressLength);
    callAtOnce('getsockname', numbers.getsockname, fd, scratchAddress, scratchAddress + addressLength);
    return decodeAddress(scratch.subarray(0, scratch.readUInt32LE(addressLength)));
  });
}

/**
 * Ends a connection in one direction, or both: `constants.SHUT_RD`, `SHUT_WR` or `SHUT_RDWR`. After `SHUT_WR` the other
 * end reads to the end and can still answer. The descriptor is still to be closed. For threads and managers.
 *
 * @throws {VpiError} `ENOTCONN`
 */
export function shutdown(fd: number, how: number = constants.SHUT_RDWR): Op<void> {
  checkedDescriptor(fd);
  checkedWhole('how', how, constants.SHUT_RD, constants.SHUT_RDWR);
  return atOnce('shutdown', () => void callAtOnce('shutdown', numbers.shutdown, fd, how));
}

/**
 * Two sockets that are connected to each other: a pipe in both directions. For threads and managers.
 *
 * @throws {VpiError} `EMFILE`, `ENFILE`
 */
export function socketpair(): Op<[number, number]> {
  return atOnce('socketpair', () => {
    callAtOnce('socketpair', numbers.socketpair, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, scratchAddress);
    const pair: [number, number] = [scratch.readInt32LE(), scratch.readInt32LE(intLength)];
    pair.forEach(forget);
    return pair;
  });
}
