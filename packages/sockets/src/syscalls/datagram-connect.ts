/** connect(2) on a datagram socket: it names the peer, and nothing is sent. AF_UNSPEC dissolves the association. */

import { needsScope } from '@tcpstack/ip/routes';
import { ANY_IPV4, ANY_IPV6, copyOf, isAny, isMulticast } from '@tcpstack/wire/ip-address';
import type { SockAddr } from '../call-types.ts';
import { AF_INET6, AF_UNSPEC } from '../constants.ts';
import type { Datagrams } from '../datagrams.ts';
import { EAGAIN, EINVAL } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import type { Socket } from '../socket.ts';
import { type Endpoint, interfaceFor, readSockAddr } from '../socket-address.ts';
import { claimPort } from './bind.ts';
import { wayTo } from './datagram-way.ts';

export function connectDatagrams(
  kernel: Kernel,
  socket: Socket,
  datagrams: Datagrams,
  address: string | SockAddr,
  port: number | undefined,
): number {
  if (typeof address !== 'string' && address.family === AF_UNSPEC) {
    dissolve(kernel, socket, datagrams);
    return 0;
  }
  // Like Linux's `inet_dgram_connect`: the socket has a port from now on, whatever becomes of the call.
  if (!socket.bound && claimPort(kernel, socket, socket.localAddress, 0) < 0) return -EAGAIN;
  const remote = readSockAddr(kernel, socket, address, port);
  if (typeof remote === 'number') return remote;
  if (isMulticast(remote.address) ? isHomeless(socket, remote) : interfaceFor(socket, remote) < -1) return -EINVAL;
  const way = wayTo(kernel, socket, remote);
  if (typeof way === 'number') return way;
  // Like Linux: the address that its datagrams will come from is shown from now on.
  if (isAny(socket.localAddress)) socket.localAddress = way.local;
  datagrams.remoteAddress = copyOf(way.remote);
  datagrams.remotePort = remote.port;
  return 0;
}

/** What means something on one link only needs one: unlike sendto(), connect() does not take the first. */
function isHomeless({ options }: Socket, { address, scopeIndex }: Endpoint): boolean {
  if (!needsScope(address) || !isMulticast(address)) return false;
  return scopeIndex < 0 && options.interfaceIndex < 0 && options.multicastIndexV6 < 0;
}

/** udp(7): "a connection may be dissolved"; what bind() chose stays, as in Linux. */
function dissolve(kernel: Kernel, socket: Socket, datagrams: Datagrams): void {
  datagrams.remoteAddress = null;
  datagrams.remotePort = 0;
  if (!datagrams.addressChosen) socket.localAddress = socket.domain === AF_INET6 ? ANY_IPV6 : ANY_IPV4;
  if (socket.bound && !datagrams.portChosen) {
    kernel.datagramPorts.release(socket);
    socket.bound = false;
    socket.localPort = 0;
  }
}
