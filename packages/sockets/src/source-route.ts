/** Source routes of connections (RFC 9293 §3.9.2.1): the user's own, or the way back of one that arrived. */

import type { IpPacket } from '@tcpstack/ip/packet';
import { setIpOptionBytes } from '@tcpstack/tcp/connection';
import { type IpAddress, ipv4Address } from '@tcpstack/wire/ip-address';
import { buildRoute, findSourceRoute, returnHops } from '@tcpstack/wire/ip-options';
import type { Connection } from './connection.ts';

/** Where packets go first, and the option that leads them on. */
export interface SourceRoute {
  readonly firstHop: Readonly<IpAddress>;
  readonly option: Uint8Array;
}

/** Segments of `connection` go by these hops (int32) from now on. */
export function useRoute(connection: Connection, hops: readonly number[]): void {
  const [firstHop] = hops;
  if (firstHop === undefined) return;
  const option = buildRoute(hops, connection.remoteAddress.w3);
  connection.route = { firstHop: ipv4Address(firstHop), option };
  setIpOptionBytes(connection.tcb, option.length);
}

/**
 * "When a TCP connection is OPENed passively and a packet arrives with a completed IP Source Route Option (containing a
 * return route), TCP implementations MUST save the return route and use it for all segments sent on this connection
 * (MUST-53). If a different source route arrives in a later segment, the later definition SHOULD override the earlier one
 * (SHLD-24)." Only hosts with `acceptSourceRoute` let such packets in.
 */
export function saveReturnRoute(connection: Connection, packet: IpPacket): void {
  // What the user chose for an active open "MUST take precedence over a source route received in a datagram (MUST-52)".
  if (!packet.hasOptions || packet.version !== 4 || !connection.tcb.passive) return;
  const { bytes, at } = packet;
  const routeAt = findSourceRoute(bytes, at);
  if (routeAt > 0) useRoute(connection, returnHops(bytes, routeAt));
}
