/** Datagrams to groups and to everybody on a link: the way out, and the copy for those here who listen. */

import { isLimitedBroadcast, isOneHosts } from '@tcpstack/ip/addresses';
import type { InterfaceTable } from '@tcpstack/ip/interfaces';
import { createIpPacket } from '@tcpstack/ip/packet';
import type { Route } from '@tcpstack/ip/routes';
import { selectSource } from '@tcpstack/ip/source-selection';
import { ANY_IPV4, type IpAddress, isAny, isIpv4, isMulticast, setAddress } from '@tcpstack/wire/ip-address';
import { UDP_HEADER_BYTES } from '@tcpstack/wire/udp';
import { AF_INET } from '../constants.ts';
import { EACCES, EINVAL, ENETUNREACH, ENODEV } from '../errno.ts';
import { firstWithIpv6 } from '../groups.ts';
import type { Kernel } from '../kernel.ts';
import type { Socket } from '../socket.ts';
import { type Endpoint, interfaceFor } from '../socket-address.ts';
import { deliverToMany } from '../udp-many.ts';
import type { Ancillary, Way } from './datagram-way.ts';

/** Of IPv6 groups: it does not leave the interface, which is our own (RFC 4291 §2.7). */
const INTERFACE_LOCAL = 1;

/** Whether a datagram to it is for many. */
export function isToMany(interfaces: InterfaceTable, remote: Readonly<IpAddress>): boolean {
  return isMulticast(remote) || isLimitedBroadcast(remote) || interfaces.isBroadcast(remote);
}

/** The way to a group, or to everybody; a negative errno when there is none. */
export function wayToMany(
  kernel: Kernel,
  socket: Socket,
  target: Endpoint,
  remote: Readonly<IpAddress>,
  beside: Readonly<Ancillary> | null,
): Way | number {
  const { interfaces } = kernel.routing;
  const { options } = socket;
  const named = namedInterface(socket, target, remote, beside);
  if (named < -1) return named;
  let source = beside?.source ?? ownSource(interfaces, socket);
  const isGroupOfIpv4 = isIpv4(remote) && isMulticast(remote);
  if (isAny(source) && isGroupOfIpv4) source = options.multicastAddress;
  const path = pathToMany(kernel, remote, named, source);
  if (typeof path === 'number') return path;
  if (!isMulticast(remote) && !options.broadcast) return -EACCES;
  const local = isAny(source) ? selectSource(interfaces, remote, path)?.address : source;
  if (local === undefined && !isIpv4(remote)) return -ENETUNREACH;
  return { path, local: local ?? ANY_IPV4, remote, port: target.port };
}

/** The interface that somebody named: in this order the message, the socket, IP_MULTICAST_IF; -1 for nobody. */
function namedInterface(
  socket: Socket,
  target: Endpoint,
  remote: Readonly<IpAddress>,
  beside: Readonly<Ancillary> | null,
): number {
  if (beside !== null && beside.interfaceIndex >= 0) return beside.interfaceIndex;
  const { interfaceIndex, multicastIndex, multicastIndexV6 } = socket.options;
  const { scopeIndex } = target;
  if (isIpv4(remote)) return interfaceIndex >= 0 || !isMulticast(remote) ? interfaceIndex : multicastIndex;
  const bound = scopeIndex >= 0 ? interfaceFor(socket, target) : interfaceIndex;
  return bound === -1 ? multicastIndexV6 : bound;
}

function pathToMany(
  { routing }: Kernel,
  remote: Readonly<IpAddress>,
  named: number,
  source: Readonly<IpAddress>,
): Route | number {
  const { interfaces } = routing;
  if (!isAny(source) && isIpv4(source) && !interfaces.isOwn(source)) {
    return named >= 0 && isOneHosts(source) ? -ENETUNREACH : -EINVAL;
  }
  const onLink = (out: Route['out']): Route => ({ to: remote, prefixBits: 128, via: null, out, metric: 0 });
  if (named >= 0) {
    const out = interfaces.find(named);
    return out === null ? -ENODEV : onLink(out);
  }
  if (!isIpv4(remote)) {
    const out = firstWithIpv6(interfaces);
    return out === null ? -ENETUNREACH : onLink(out);
  }
  const isEverywhere = isMulticast(remote) || isLimitedBroadcast(remote);
  const on = isEverywhere && !isAny(source) ? (interfaces.own(source)?.on ?? null) : null;
  return on === null ? (routing.lookup(remote) ?? -ENETUNREACH) : onLink(on);
}

/** As in Linux a group or broadcast address that the socket is bound to says what it hears, and not where it sends from. */
export function ownSource(interfaces: InterfaceTable, { localAddress }: Socket): Readonly<IpAddress> {
  const isSource = isOneHosts(localAddress) && !interfaces.isBroadcast(localAddress);
  return isSource || isAny(localAddress) ? localAddress : ANY_IPV4;
}

/** Whether a datagram that goes to many goes to the link as well. */
export function leavesHost({ path, remote }: Way, hops: number): boolean {
  if (path.out.kind === 'loopback') return false;
  // Deviation: in Linux that holds only while somebody here listens to the group.
  if (!isMulticast(remote)) return true;
  return hops > 0 && (isIpv4(remote) || ((remote.w0 >>> 16) & 0xf) > INTERFACE_LOCAL);
}

const packet = createIpPacket();

/**
 * Gives what was sent to those here who listen where it leaves: the UDP datagram `memory[udpAt, end)`.
 *
 * ip(7), IP_MULTICAST_LOOP: "whether sent multicast packets should be looped back to the local sockets".
 */
export function hearOurselves(
  kernel: Kernel,
  socket: Socket,
  { path, local, remote, port }: Way,
  memory: Uint8Array,
  udpAt: number,
  end: number,
  tosByte: number,
  ttlHops: number,
): void {
  const { interfaces } = kernel.routing;
  const { multicastLoop, multicastLoopV6 } = socket.options;
  const { index, kind } = path.out;
  // As in Linux it is the level of the socket's domain that counts.
  const loops = kind === 'loopback' || (socket.domain === AF_INET ? multicastLoop : multicastLoopV6);
  if (isMulticast(remote) && !(loops && interfaces.memberships.listens(index, remote))) return;
  packet.version = isIpv4(remote) ? 4 : 6;
  packet.bytes = memory;
  packet.end = end;
  setAddress(packet.source, local);
  setAddress(packet.destination, remote);
  packet.ttlHops = ttlHops;
  packet.tosByte = tosByte;
  packet.interfaceIndex = index;
  packet.isToMany = true;
  deliverToMany(kernel, packet, socket.localPort, port, udpAt + UDP_HEADER_BYTES, end);
}
