/** bind(2): claims a local address and port; port 0 picks one. */

import { type IpAddress, isAny, isIpv4, isMulticast } from '@tcpstack/wire/ip-address';
import { mayBind, mayChoose } from '../bind-conflict.ts';
import type { SockAddr } from '../call-types.ts';
import { AF_INET6 } from '../constants.ts';
import { EADDRINUSE, EADDRNOTAVAIL, EINVAL, ENODEV } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import type { Socket } from '../socket.ts';
import { type Endpoint, interfaceFor, readSockAddr } from '../socket-address.ts';
import { isToMany } from './datagram-to-many.ts';
import { notSocket } from './descriptor.ts';

/**
 * "The optional 'local IP address' parameter MUST be supported to allow the specification of the local IP address"
 * — RFC 9293 §3.9.1.1 [MUST-43]
 */
export function sysBind(kernel: Kernel, fd: number, address: string | SockAddr, port?: number): number {
  const socket = kernel.fds.get(fd);
  if (socket === null) return notSocket(kernel, fd);
  const isTaken = socket.bound || socket.connection?.listed === true;
  const local = readSockAddr(kernel, socket, address, port, ENODEV);
  // Like Linux, which looks for the interface later than for a name, and sockets of IPv4 for the address first.
  if (isTaken && (local === -ENODEV || (typeof local !== 'number' && socket.domain === AF_INET6))) return -EINVAL;
  if (typeof local === 'number') return local;
  // Like Linux: what takes IPv6 alone has no mapped addresses, and no stream has an IPv6 group at its end.
  const isMapped = isIpv4(local.address);
  const isStream = socket.datagrams === null;
  if (isMapped ? socket.options.v6Only : isStream && isMulticast(local.address)) return -EINVAL;
  const boundIndex = interfaceFor(socket, local);
  if (boundIndex < -1) return boundIndex;
  if (!isBindable(kernel, local, boundIndex) && (isStream || !isToMany(kernel.routing.interfaces, local.address))) {
    return -EADDRNOTAVAIL;
  }
  if (isTaken) return -EINVAL;
  const claimed = claimPort(kernel, socket, local.address, local.port);
  if (claimed === 0 && socket.datagrams !== null) {
    socket.datagrams.addressChosen = !isAny(local.address);
    socket.datagrams.portChosen = local.port !== 0;
  }
  if (claimed === 0 && boundIndex !== socket.options.interfaceIndex) {
    socket.options = { ...socket.options, interfaceIndex: boundIndex };
  }
  return claimed;
}

/** Whether it is any address, or one of ours; of a link-local one, on that interface. */
function isBindable({ routing }: Kernel, { address }: Endpoint, boundIndex: number): boolean {
  if (isAny(address) || !routing.interfaces.isOwn(address)) return isAny(address);
  return boundIndex < 0 || isIpv4(address) || routing.interfaces.own(address)?.on.index === boundIndex;
}

/** Gives the socket a port of its own; 0 picks an ephemeral one. 0 or a negative errno. */
export function claimPort(kernel: Kernel, socket: Socket, address: Readonly<IpAddress>, port: number): number {
  const { options, datagrams } = socket;
  const ports = datagrams === null ? kernel.ports : kernel.datagramPorts;
  const owners = { ports, connections: kernel.connections, timeWaits: kernel.timeWaits };
  const chosen =
    port === 0 ? kernel.ephemeralPorts.chooseAny((free) => mayChoose(owners, address, options, free)) : port;
  if (chosen === 0 || (port !== 0 && !mayBind(owners, socket, address, port))) return -EADDRINUSE;
  socket.localAddress = address;
  socket.localPort = chosen;
  socket.bound = true;
  ports.claim(socket);
  return 0;
}
