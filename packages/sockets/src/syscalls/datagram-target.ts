/** Whom a datagram is for: by the call, or by connect(). */

import { ANY_IPV4 } from '@tcpstack/wire/ip-address';
import type { SockAddr } from '../call-types.ts';
import { AF_INET, AF_INET6, AF_UNSPEC } from '../constants.ts';
import type { Datagrams } from '../datagrams.ts';
import { EAFNOSUPPORT, EDESTADDRREQ, EINVAL } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import type { Socket } from '../socket.ts';
import { type Endpoint, readSockAddr } from '../socket-address.ts';

/** Whom the call names, or else connect() did; a negative errno for nobody. */
export function targetOf(
  kernel: Kernel,
  socket: Socket,
  { remoteAddress, remotePort }: Datagrams,
  to: SockAddr | null,
): Endpoint | number {
  // Like Linux: to IPv6 an address of no family is none, to IPv4 it is one of its own.
  if (to !== null && !(to.family === AF_UNSPEC && socket.domain === AF_INET6)) {
    const named = readTarget(kernel, socket, to);
    if (typeof named === 'number') return named;
    return named.port === 0 ? -EINVAL : named;
  }
  if (remoteAddress === null) return -EDESTADDRREQ;
  return { address: remoteAddress, port: remotePort, scopeIndex: socket.options.interfaceIndex };
}

function readTarget(kernel: Kernel, socket: Socket, to: SockAddr): Endpoint | number {
  const { family, address, port } = to;
  if (socket.domain === AF_INET6) {
    // Unlike connect() it takes IPv4 addresses as they are.
    const isPlain = family === AF_INET || (family === undefined && !address.includes(':'));
    return readSockAddr(kernel, socket, isPlain ? { address: `::ffff:${address}`, port } : to, undefined);
  }
  if (family === AF_UNSPEC && address === '') return { address: ANY_IPV4, port, scopeIndex: -1 };
  if (family !== undefined && family !== AF_INET && family !== AF_UNSPEC) return -EAFNOSUPPORT;
  return readSockAddr(kernel, socket, to, undefined);
}
