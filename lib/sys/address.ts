/** Addresses of sockets, and what the kernel has for them: `struct sockaddr`. */

import { isIPv4, isIPv6, SocketAddress as NodeAddress } from 'node:net';
import type { ErrorDetails } from '../vpi/error.ts';
import { checkedWhole, shown } from './arguments.ts';

/** `host` is an IPv4 or IPv6 address, such as `'127.0.0.1'` or `'::1'`: names are not looked up. */
export interface InternetAddress {
  host: string;
  port: number;
}

/** A socket in the file system. An abstract one begins with a NUL and has no file; `''`: it has no address. */
export interface UnixAddress {
  path: string;
}

export type SocketAddress = InternetAddress | UnixAddress;

/** What programs write: `host` may be left out. */
export type GivenAddress = (Pick<InternetAddress, 'port'> & Partial<InternetAddress>) | UnixAddress;

export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;

/** No address is longer. */
export const addressLength = 128;

/** `sun_path`; the kernel's own is one longer, for the NUL. */
const longestPath = 107;

/** With defaults filled in. */
export function checkedAddress(address: GivenAddress, defaultHost: string): SocketAddress {
  if (typeof address !== 'object' || address === null) throw new TypeError(`address must be { port, host } or { path }, not ${shown(address)}`);
  if ('path' in address) {
    if (typeof address.path !== 'string' || address.path === '') throw new TypeError(`address.path must be a string that is not empty, not ${shown(address.path)}`);
    return { path: address.path };
  }
  const { host = defaultHost, port } = address;
  if (isIPv4(host) === isIPv6(host)) throw new TypeError(`address.host must be an IPv4 or IPv6 address, not ${shown(host)}: names are not looked up`);
  return { host, port: checkedWhole('address.port', port, 0, 0xffff) };
}

export function encodeAddress(address: SocketAddress): Buffer {
  if ('path' in address) return encodeUnix(address.path);
  return isIPv4(address.host) ? encodeIpv4(address) : encodeIpv6(address);
}

/** `struct sockaddr_un` */
function encodeUnix(path: string): Buffer {
  const isAbstract = path.startsWith('\0');
  const name = Buffer.from(path);
  if (!isAbstract && name.includes(0)) throw new TypeError('address.path must not contain a NUL');
  if (name.length > longestPath) throw new RangeError(`address.path must be at most ${longestPath} bytes, not ${name.length}`);
  // The length of an abstract name counts, the NUL behind it would be part of it.
  const encoded = Buffer.alloc(2 + name.length + (isAbstract ? 0 : 1));
  encoded.writeUInt16LE(AF_UNIX, 0);
  name.copy(encoded, 2);
  return encoded;
}

/** `struct sockaddr_in` */
function encodeIpv4({ host, port }: InternetAddress): Buffer {
  const encoded = Buffer.alloc(16);
  encoded.writeUInt16LE(AF_INET, 0);
  encoded.writeUInt16BE(port, 2);
  encoded.set(host.split('.').map(Number), 4);
  return encoded;
}

/** `struct sockaddr_in6` */
function encodeIpv6({ host, port }: InternetAddress): Buffer {
  const [literal, zone = '0'] = host.split('%');
  if (!/^\d+$/.test(zone)) throw new TypeError(`address.host must name the interface by its number, not '${zone}'`);
  const encoded = Buffer.alloc(28);
  encoded.writeUInt16LE(AF_INET6, 0);
  encoded.writeUInt16BE(port, 2);
  for (const [i, group] of ipv6Groups(literal!).entries()) encoded.writeUInt16BE(group, 8 + 2 * i);
  encoded.writeUInt32LE(checkedWhole('the interface of address.host', Number(zone), 0, 0xffffffff), 24);
  return encoded;
}

/** The eight numbers of a valid address. */
function ipv6Groups(literal: string): number[] {
  // The last two may be written as an IPv4 address.
  const hex = literal.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) => `${(a * 256 + +b).toString(16)}:${(c * 256 + +d).toString(16)}`);
  const [head = [], tail = []] = hex.split('::').map((half) => (half === '' ? [] : half.split(':').map((group) => parseInt(group, 16))));
  return [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

/** What the kernel has written. */
export function decodeAddress(encoded: Buffer): SocketAddress {
  const family = encoded.length < 2 ? AF_UNIX : encoded.readUInt16LE(0);
  switch (family) {
    case AF_INET:
      return { host: encoded.subarray(4, 8).join('.'), port: encoded.readUInt16BE(2) };
    case AF_INET6:
      return { host: ipv6Text(encoded), port: encoded.readUInt16BE(2) };
    default:
      return { path: unixName(encoded.subarray(2)) };
  }
}

/** In its shortest form. */
function ipv6Text(encoded: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, i) => encoded.readUInt16BE(8 + 2 * i).toString(16));
  const zone = encoded.readUInt32LE(24);
  const { address } = new NodeAddress({ address: groups.join(':'), family: 'ipv6' });
  return zone === 0 ? address : `${address}%${zone}`;
}

function unixName(name: Buffer): string {
  const isAbstract = name[0] === 0 && name.length > 1;
  const end = name.indexOf(0);
  return name.toString('utf8', 0, isAbstract || end < 0 ? name.length : end);
}

/** For an error that is about it. */
export function errorDetails(address: SocketAddress): ErrorDetails {
  return 'path' in address ? { path: address.path } : { address: address.host, port: address.port };
}
