/** A datagram for many: every socket that wants it gets a copy, as by Linux's `__udp4_lib_mcast_deliver`. */

import type { IpPacket } from '@tcpstack/ip/packet';
import { type IpAddress, isAny, isIpv4, isMulticast, sameAddress } from '@tcpstack/wire/ip-address';
import { POLLIN, POLLRDNORM } from './constants.ts';
import { hasJoined } from './groups.ts';
import type { Kernel } from './kernel.ts';
import { wake } from './readiness.ts';
import type { Socket } from './socket.ts';

/** Gives the data `bytes[dataAt, end)` of `packet` to all who want them; nobody is told when that is nobody. */
export function deliverToMany(
  kernel: Kernel,
  packet: IpPacket,
  fromPort: number,
  toPort: number,
  dataAt: number,
  end: number,
): void {
  let isWanted = false;
  for (const socket of kernel.datagramPorts.claimants(toPort)) {
    if (!wants(socket, packet, fromPort)) continue;
    isWanted = true;
    giveDatagram(kernel, socket, packet, fromPort, dataAt, end);
  }
  if (!isWanted) kernel.counters.datagramsUnwanted++;
}

/** Puts a copy of the data in the queue of a socket of datagrams. */
export function giveDatagram(
  kernel: Kernel,
  socket: Socket,
  packet: IpPacket,
  fromPort: number,
  dataAt: number,
  end: number,
): void {
  const { datagrams, options } = socket;
  const { counters } = kernel;
  if (datagrams === null) return;
  datagrams.queue.limitBytes = options.receiveBufferBytes;
  if (datagrams.queue.push(packet, fromPort, packet.bytes, dataAt, end)) {
    counters.datagramsReceived++;
    wake(kernel, socket, POLLIN | POLLRDNORM);
  } else counters.datagramQueueDrops++;
}

function wants(socket: Socket, { source, destination, interfaceIndex }: IpPacket, fromPort: number): boolean {
  const { datagrams, options } = socket;
  if (datagrams === null) return false;
  if (options.interfaceIndex >= 0 && options.interfaceIndex !== interfaceIndex) return false;
  const { remoteAddress, remotePort } = datagrams;
  if (remoteAddress !== null && !(remotePort === fromPort && sameAddress(remoteAddress, source))) return false;
  return covers(socket, destination) && listensTo(socket, destination, interfaceIndex);
}

/** Its own address is the group's, or any of the family. */
function covers({ localAddress, options }: Socket, group: Readonly<IpAddress>): boolean {
  if (!isAny(localAddress)) return sameAddress(localAddress, group);
  return isIpv4(localAddress) ? isIpv4(group) : !isIpv4(group) || !options.v6Only;
}

/** ip(7), IP_MULTICAST_ALL: a socket hears also the groups that others joined, unless it says otherwise. */
function listensTo({ datagrams, options }: Socket, group: Readonly<IpAddress>, interfaceIndex: number): boolean {
  if (!isMulticast(group) || datagrams === null) return true;
  if (hasJoined(datagrams, group, interfaceIndex)) return true;
  return isIpv4(group) ? options.multicastAll : options.multicastAllV6;
}
