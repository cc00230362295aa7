/** Neighbor Discovery messages (RFC 4861 §4) written in place; their checksum is the ICMPv6 layer's to add. */

import { type IpAddress, writeIpv6Address } from './ip-address.ts';
import {
  NEIGHBOR_ADVERTISEMENT,
  NEIGHBOR_MESSAGE_BYTES,
  NEIGHBOR_SOLICITATION,
  REDIRECT,
  REDIRECT_BYTES,
  ROUTER_ADVERTISEMENT,
  ROUTER_ADVERTISEMENT_BYTES,
  ROUTER_SOLICITATION,
  ROUTER_SOLICITATION_BYTES,
} from './ndp.ts';
import { putI32, putU16 } from './octets.ts';

/** Writes a router solicitation without options; returns where they go. */
export function writeRouterSolicitation(bytes: Uint8Array, at: number): number {
  begin(bytes, at, ROUTER_SOLICITATION);
  return at + ROUTER_SOLICITATION_BYTES;
}

/** Writes a neighbor solicitation without options; returns where they go. */
export function writeNeighborSolicitation(bytes: Uint8Array, at: number, target: Readonly<IpAddress>): number {
  begin(bytes, at, NEIGHBOR_SOLICITATION);
  writeIpv6Address(bytes, at + 8, target);
  return at + NEIGHBOR_MESSAGE_BYTES;
}

/**
 * Writes a neighbor advertisement without options; returns where they go.
 *
 * @param flags `NA_*`.
 */
export function writeNeighborAdvertisement(
  bytes: Uint8Array,
  at: number,
  target: Readonly<IpAddress>,
  flags: number,
): number {
  begin(bytes, at, NEIGHBOR_ADVERTISEMENT);
  bytes[at + 4] = flags;
  writeIpv6Address(bytes, at + 8, target);
  return at + NEIGHBOR_MESSAGE_BYTES;
}

/** What a router advertisement says besides its options; what is left out says nothing. */
export interface RouterAdvertisementFields {
  readonly hops?: number;
  readonly flags?: number;
  readonly routerLifetimeS: number;
  readonly reachableTimeMs?: number;
  readonly retransTimerMs?: number;
}

/** Writes a router advertisement without options; returns where they go. */
export function writeRouterAdvertisement(bytes: Uint8Array, at: number, fields: RouterAdvertisementFields): number {
  begin(bytes, at, ROUTER_ADVERTISEMENT);
  bytes[at + 4] = fields.hops ?? 0;
  bytes[at + 5] = fields.flags ?? 0;
  putU16(bytes, at + 6, fields.routerLifetimeS);
  putI32(bytes, at + 8, fields.reachableTimeMs ?? 0);
  putI32(bytes, at + 12, fields.retransTimerMs ?? 0);
  return at + ROUTER_ADVERTISEMENT_BYTES;
}

/** Writes a redirect without options; returns where they go. */
export function writeRedirect(
  bytes: Uint8Array,
  at: number,
  target: Readonly<IpAddress>,
  destination: Readonly<IpAddress>,
): number {
  begin(bytes, at, REDIRECT);
  writeIpv6Address(bytes, at + 8, target);
  writeIpv6Address(bytes, at + 24, destination);
  return at + REDIRECT_BYTES;
}

/** Type, code 0, no checksum yet, and the four bytes behind it clear. */
function begin(bytes: Uint8Array, at: number, type: number): void {
  bytes[at] = type;
  bytes.fill(0, at + 1, at + 8);
}
