/** Control messages of recvmsg(2) on datagram sockets, in the order of Linux's `udp_recvmsg` and `udpv6_recvmsg`. */

import { isOneHosts } from '@tcpstack/ip/addresses';
import { selectSource } from '@tcpstack/ip/source-selection';
import { ANY_IPV4, formatAddress, formatIpv6, type IpAddress, isIpv4 } from '@tcpstack/wire/ip-address';
import type { ControlMessage } from '../call-types.ts';
import {
  IP_PKTINFO,
  IP_TOS,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_HOPLIMIT,
  IPV6_PKTINFO,
  IPV6_TCLASS,
} from '../constants.ts';
import type { DatagramInfo } from '../datagram-queue.ts';
import type { Kernel } from '../kernel.ts';
import {
  WANTS_HOPLIMIT,
  WANTS_PKTINFO,
  WANTS_PKTINFO_V6,
  WANTS_TCLASS,
  WANTS_TOS,
  WANTS_TTL,
} from '../receive-wishes.ts';

/** What `receives` asks for of the datagram. */
export function tellControl(kernel: Kernel, receives: number, datagram: Readonly<DatagramInfo>): ControlMessage[] {
  const told: ControlMessage[] = [];
  const { destination, ttlHops, tosByte } = datagram;
  const interfaceIndex = cameIn(kernel, datagram);
  if ((receives & WANTS_PKTINFO_V6) !== 0) {
    const info = { interfaceIndex, address: formatIpv6(destination) };
    told.push({ level: IPPROTO_IPV6, type: IPV6_PKTINFO, info });
  }
  if (isIpv4(destination)) {
    if ((receives & WANTS_PKTINFO) !== 0) {
      const localAddress = formatAddress(answersFrom(kernel, datagram));
      const info = { interfaceIndex, localAddress, address: formatAddress(destination) };
      told.push({ level: IPPROTO_IP, type: IP_PKTINFO, info });
    }
    if ((receives & WANTS_TTL) !== 0) told.push({ level: IPPROTO_IP, type: IP_TTL, value: ttlHops });
    if ((receives & WANTS_TOS) !== 0) told.push({ level: IPPROTO_IP, type: IP_TOS, value: tosByte });
    return told;
  }
  if ((receives & WANTS_HOPLIMIT) !== 0) told.push({ level: IPPROTO_IPV6, type: IPV6_HOPLIMIT, value: ttlHops });
  if ((receives & WANTS_TCLASS) !== 0) told.push({ level: IPPROTO_IPV6, type: IPV6_TCLASS, value: tosByte });
  return told;
}

/** As in Linux what we send to an address of our own came in where that address is, and not over `lo`. */
function cameIn({ routing: { interfaces } }: Kernel, { destination, interfaceIndex }: Readonly<DatagramInfo>): number {
  if (interfaceIndex !== interfaces.loopback.index) return interfaceIndex;
  return interfaces.own(destination)?.on.index ?? interfaceIndex;
}

/** Our address that an answer would come from: Linux's `fib_compute_spec_dst`. */
function answersFrom(
  { routing }: Kernel,
  { source, destination, interfaceIndex }: Readonly<DatagramInfo>,
): Readonly<IpAddress> {
  const { interfaces } = routing;
  if (isOneHosts(destination) && !interfaces.isBroadcast(destination)) return destination;
  const path = routing.lookup(source);
  const chosen = path === null ? null : selectSource(interfaces, source, path);
  const first = interfaces.find(interfaceIndex)?.addresses.find(({ address }) => isIpv4(address));
  return chosen?.address ?? first?.address ?? ANY_IPV4;
}
