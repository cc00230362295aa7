/** Which way a datagram takes, and from which address of ours: the first half of Linux's `udp_sendmsg`. */

import { isOneHosts } from '@tcpstack/ip/addresses';
import { linkMtuFor } from '@tcpstack/ip/interfaces';
import type { Route } from '@tcpstack/ip/routes';
import { selectSource } from '@tcpstack/ip/source-selection';
import { type IpAddress, isAny, isIpv4, isLoopback } from '@tcpstack/wire/ip-address';
import { IP_PMTUDISC_PROBE } from '../constants.ts';
import { EINVAL, ENETUNREACH, ENODEV } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import type { Socket } from '../socket.ts';
import { type Endpoint, interfaceFor, loopbackOf } from '../socket-address.ts';
import { isToMany, ownSource, wayToMany } from './datagram-to-many.ts';

/** Where a datagram goes, and from where. */
export interface Way {
  readonly path: Route;
  readonly local: Readonly<IpAddress>;
  readonly remote: Readonly<IpAddress>;
  readonly port: number;
}

/** What control messages say of one datagram. */
export interface Ancillary {
  /** The interface that it leaves by; -1: none is named. */
  interfaceIndex: number;
  /** Our address that it comes from; `null`: the socket's, any address: the one that fits. */
  source: Readonly<IpAddress> | null;
  /** -1, here and below: as the socket's options say. */
  hops: number;
  tosByte: number;
}

/** The way to `target`; a negative errno when there is none. */
export function wayTo(
  kernel: Kernel,
  socket: Socket,
  target: Endpoint,
  beside: Readonly<Ancillary> | null = null,
): Way | number {
  const { interfaces } = kernel.routing;
  const { options } = socket;
  // Like Linux: what is for any address is for us.
  const remote = isAny(target.address) ? loopbackOf(target.address) : target.address;
  if (options.v6Only && isIpv4(remote)) return -ENETUNREACH;
  if (isToMany(interfaces, remote)) return wayToMany(kernel, socket, target, remote, beside);
  const named = beside === null ? -1 : beside.interfaceIndex;
  const boundIndex = named >= 0 ? named : interfaceFor(socket, { ...target, address: remote });
  // Like Linux: where connect(2) says EINVAL, there is no way for a datagram.
  if (boundIndex < -1) return -ENETUNREACH;
  const out = boundIndex < 0 ? null : interfaces.find(boundIndex);
  if (out === null && boundIndex >= 0) return -ENODEV;
  const chosen = beside?.source ?? ownSource(interfaces, socket);
  if (beside?.source && isIpv4(chosen) && !isAny(chosen) && !interfaces.isOwn(chosen)) {
    return isOneHosts(chosen) ? -ENETUNREACH : -EINVAL;
  }
  // Like Linux over IPv4: the address that it is bound to was lost.
  const isLost = chosen === socket.localAddress && !isAny(chosen) && !interfaces.isOwn(chosen);
  const path = isLost ? null : kernel.routing.lookup(remote, out);
  if (path === null) return -ENETUNREACH;
  // "MUST NOT appear outside a host" — RFC 1122 §3.2.1.3 (g)
  if (isIpv4(chosen) && isLoopback(chosen) && path.out.kind !== 'loopback') return -EINVAL;
  const local = isAny(chosen) ? selectSource(interfaces, remote, path)?.address : chosen;
  if (local === undefined || isIpv4(local) !== isIpv4(remote)) return -ENETUNREACH;
  return { path, local, remote, port: target.port };
}

/** Bytes of a packet that the way carries, by the `IP_PMTUDISC_*` of the socket. */
export function mtuOf(kernel: Kernel, { path, remote }: Way, discover: number): number {
  const linkBytes = linkMtuFor(path.out, remote);
  // ip(7): IP_PMTUDISC_PROBE sets DF and "ignores" the path MTU; the last two do not believe what they hear of it.
  if (discover >= IP_PMTUDISC_PROBE) return linkBytes;
  return kernel.pathMtu.mtuBytes(kernel.nowMs, remote, linkBytes);
}
