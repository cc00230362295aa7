/** bind(2): claims a local address and port; port 0 picks one. */

import { type IpAddress, isAny, isIpv4, parseAddress, sameAddress } from '@tcpstack/wire/ip-address';
import { mayBind, mayChoose } from '../bind-conflict.ts';
import { EADDRINUSE, EADDRNOTAVAIL, EINVAL } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import type { Socket } from '../socket.ts';
import { notSocket } from './descriptor.ts';

const PORT_MAX = 65_535;

/**
 * "The optional 'local IP address' parameter MUST be supported to allow the specification of the local IP address"
 * — RFC 9293 §3.9.1.1 [MUST-43]
 */
export function sysBind(kernel: Kernel, fd: number, address: string, port: number): number {
  const socket = kernel.fds.get(fd);
  if (socket === null) return notSocket(kernel, fd);
  const local = parseAddress(address);
  if (socket.bound || socket.connection?.listed === true || local === null || !isIpv4(local) || !isPort(port))
    return -EINVAL;
  if (!isAny(local) && !sameAddress(local, kernel.own.address)) return -EADDRNOTAVAIL;
  return claimPort(kernel, socket, local, port);
}

/** Whether `port` is a whole number of 0 to 65535. */
export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 0 && port <= PORT_MAX;
}

/** Gives the socket a port of its own; 0 picks an ephemeral one. 0 or a negative errno. */
export function claimPort(kernel: Kernel, socket: Socket, address: Readonly<IpAddress>, port: number): number {
  const { options } = socket;
  const chosen =
    port === 0 ? kernel.ephemeralPorts.chooseAny((free) => mayChoose(kernel, address, options, free)) : port;
  if (chosen === 0 || (port !== 0 && !mayBind(kernel, socket, address, port))) return -EADDRINUSE;
  socket.localAddress = address;
  socket.localPort = chosen;
  socket.bound = true;
  kernel.ports.claim(socket);
  return 0;
}
