/** Control messages of sendmsg(2) on datagram sockets, as Linux's `ip_cmsg_send` and `ip6_datagram_send_ctl` read them. */

import { type IpAddress, isAny, isIpv4, isLinkLocal, parseAddress } from '@tcpstack/wire/ip-address';
import type { ControlMessage } from '../call-types.ts';
import {
  AF_INET6,
  IP_PKTINFO,
  IP_TOS,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_UDP,
  IPV6_HOPLIMIT,
  IPV6_PKTINFO,
  IPV6_TCLASS,
  SOL_SOCKET,
} from '../constants.ts';
import { EINVAL, ENODEV } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import type { Socket } from '../socket.ts';
import { type Endpoint, interfaceFor } from '../socket-address.ts';
import type { Ancillary } from './datagram-way.ts';

const BYTE_MAX = 255;

/** What the messages say of a datagram to `target`; a negative errno. Of other levels nothing is read, as in Linux. */
export function readControl(
  kernel: Kernel,
  socket: Socket,
  target: Endpoint,
  control: readonly ControlMessage[],
): Ancillary | number {
  const into: Ancillary = { interfaceIndex: -1, source: null, hops: -1, tosByte: -1 };
  const overIpv4 = isIpv4(target.address);
  for (const message of control) {
    // None of their messages means anything to a datagram of ours.
    if (message.level === SOL_SOCKET || message.level === IPPROTO_UDP) return -EINVAL;
    const outcome = overIpv4 ? readIpv4(socket, message, into) : readIpv6(kernel, socket, target, message, into);
    if (outcome < 0) return outcome;
  }
  return into;
}

function readIpv4({ domain }: Socket, message: ControlMessage, into: Ancillary): number {
  const { level, type, info, value } = message;
  if (level === IPPROTO_IPV6 && domain === AF_INET6 && type === IPV6_PKTINFO) {
    const address = parseAddress(info?.address ?? '');
    if (info === undefined || address === null || !isIpv4(address)) return -EINVAL;
    return comeFrom(into, info.interfaceIndex, address);
  }
  if (level !== IPPROTO_IP) return 0;
  switch (type) {
    case IP_PKTINFO: {
      const address = parseAddress(info?.localAddress ?? '');
      if (info === undefined || address === null || !isIpv4(address)) return -EINVAL;
      return comeFrom(into, info.interfaceIndex, address);
    }
    case IP_TTL:
      if (!isBetween(value, 1, BYTE_MAX)) return -EINVAL;
      into.hops = value;
      return 0;
    case IP_TOS:
      if (!isBetween(value, 0, BYTE_MAX)) return -EINVAL;
      into.tosByte = value;
      return 0;
    default:
      return -EINVAL;
  }
}

function comeFrom(into: Ancillary, interfaceIndex: number, address: Readonly<IpAddress>): number {
  if (interfaceIndex !== 0) into.interfaceIndex = interfaceIndex;
  into.source = address;
  return 0;
}

function readIpv6(
  kernel: Kernel,
  socket: Socket,
  target: Endpoint,
  { level, type, info, value }: ControlMessage,
  into: Ancillary,
): number {
  if (level !== IPPROTO_IPV6) return 0;
  switch (type) {
    case IPV6_PKTINFO: {
      const address = parseAddress(info?.address ?? '');
      if (info === undefined || address === null) return -EINVAL;
      return comeFromIpv6(kernel, socket, target, info.interfaceIndex, address, into);
    }
    case IPV6_HOPLIMIT:
      if (!isBetween(value, -1, BYTE_MAX)) return -EINVAL;
      into.hops = value;
      return 0;
    case IPV6_TCLASS:
      if (!isBetween(value, -1, BYTE_MAX)) return -EINVAL;
      into.tosByte = value;
      return 0;
    default:
      return -EINVAL;
  }
}

/** Unlike IPv4's, what a message names must agree with what the address of the call and the socket name. */
function comeFromIpv6(
  { routing }: Kernel,
  socket: Socket,
  target: Endpoint,
  interfaceIndex: number,
  address: Readonly<IpAddress>,
  into: Ancillary,
): number {
  const before = Math.max(into.interfaceIndex, interfaceFor(socket, target), socket.options.interfaceIndex);
  if (interfaceIndex !== 0 && before >= 0 && before !== interfaceIndex) return -EINVAL;
  const index = interfaceIndex !== 0 ? interfaceIndex : before;
  const out = index < 0 ? null : routing.interfaces.find(index);
  if (index >= 0 && out === null) return -ENODEV;
  if (interfaceIndex !== 0) into.interfaceIndex = interfaceIndex;
  if (isAny(address)) {
    if (!isIpv4(address)) into.source = address;
    return 0;
  }
  // A link-local address is one of the interface's, which must be known; others may be any interface's.
  if (isLinkLocal(address) && out === null) return -EINVAL;
  const own = routing.interfaces.own(address);
  if (isIpv4(address) || own === null || (isLinkLocal(address) && own.on !== out)) return -EINVAL;
  into.source = address;
  return 0;
}

function isBetween(value: number | undefined, least: number, most: number): value is number {
  return value !== undefined && Number.isInteger(value) && value >= least && value <= most;
}
