/** Messages of Neighbor Discovery (RFC 4861): checked and read in place, from their ICMPv6 header on. */

import { type IpAddress, isAny, isLinkLocal, isMulticast, readIpv6Address } from './ip-address.ts';
import { findNdpOption, optionsAreWhole, SOURCE_LINK_LAYER_ADDRESS } from './ndp-options.ts';
import { i32, u16 } from './octets.ts';

export const ROUTER_SOLICITATION = 133;
export const ROUTER_ADVERTISEMENT = 134;
export const NEIGHBOR_SOLICITATION = 135;
export const NEIGHBOR_ADVERTISEMENT = 136;
export const REDIRECT = 137;

/** What every message here travels with: a router takes one off, so nobody from afar can send it. */
export const NDP_HOPS = 255;

/** Flags of an advertisement: a router sent it; it answers a solicitation; it may replace what is cached. */
export const NA_ROUTER = 0x80;
export const NA_SOLICITED = 0x40;
export const NA_OVERRIDE = 0x20;

/** Bytes before the options of each message. */
export const ROUTER_SOLICITATION_BYTES = 8;
export const ROUTER_ADVERTISEMENT_BYTES = 16;
export const NEIGHBOR_MESSAGE_BYTES = 24;
export const REDIRECT_BYTES = 40;

/** Why a message was refused; the name under which the drop is counted. */
export type NdpFault =
  | 'not-ndp'
  | 'short-ndp'
  | 'bad-ndp-hops'
  | 'bad-ndp-code'
  | 'bad-ndp-option'
  | 'bad-ndp-source'
  | 'bad-ndp-destination'
  | 'bad-ndp-target';

/** Whether the ICMPv6 type is one of ours. */
export function isNdpType(type: number): boolean {
  return type >= ROUTER_SOLICITATION && type <= REDIRECT;
}

/** Bytes before the options of a message of this type. */
export function ndpHeaderBytes(type: number): number {
  switch (type) {
    case ROUTER_SOLICITATION:
      return ROUTER_SOLICITATION_BYTES;
    case ROUTER_ADVERTISEMENT:
      return ROUTER_ADVERTISEMENT_BYTES;
    case REDIRECT:
      return REDIRECT_BYTES;
    default:
      return NEIGHBOR_MESSAGE_BYTES;
  }
}

const scratch = { w0: 0, w1: 0, w2: 0, w3: 0 };
const other = { w0: 0, w1: 0, w2: 0, w3: 0 };

/**
 * Checks the message `bytes[at, end)`, whose ICMPv6 checksum is right, by the rules of RFC 4861 §6.1, §7.1 and §8.1.
 * After `null` no accessor for its type can fail, nor can a walk over its options.
 *
 * @param hops Hop limit that it arrived with.
 */
export function checkNdp(
  bytes: Uint8Array,
  at: number,
  end: number,
  hops: number,
  source: Readonly<IpAddress>,
  destination: Readonly<IpAddress>,
): NdpFault | null {
  if (end - at < 8) return 'short-ndp';
  const type = bytes[at] as number;
  if (!isNdpType(type)) return 'not-ndp';
  // "The IP Hop Limit field has a value of 255, i.e., the packet could not possibly have been forwarded by a router."
  if (hops !== NDP_HOPS) return 'bad-ndp-hops';
  // "ICMP Code is 0."
  if (bytes[at + 1] !== 0) return 'bad-ndp-code';
  // "ICMP length (derived from the IP length) is 8 or more octets" for a router solicitation, 16, 24, 24 and 40.
  const headerBytes = ndpHeaderBytes(type);
  if (end - at < headerBytes) return 'short-ndp';
  // "All included options have a length that is greater than zero."
  if (!optionsAreWhole(bytes, at + headerBytes, end)) return 'bad-ndp-option';
  switch (type) {
    case ROUTER_SOLICITATION:
      return checkRouterSolicitation(bytes, at, end, source);
    case ROUTER_ADVERTISEMENT:
      // "IP Source Address is a link-local address." — RFC 4861 §6.1.2
      return isLinkLocal(source) ? null : 'bad-ndp-source';
    case NEIGHBOR_SOLICITATION:
      return checkSolicitation(bytes, at, end, source, destination);
    case NEIGHBOR_ADVERTISEMENT:
      return checkAdvertisement(bytes, at, destination);
    default:
      return checkRedirect(bytes, at, source);
  }
}

function checkRouterSolicitation(
  bytes: Uint8Array,
  at: number,
  end: number,
  source: Readonly<IpAddress>,
): NdpFault | null {
  // "If the IP source address is the unspecified address, there is no source link-layer address option in the message."
  // — RFC 4861 §6.1.1
  const says = findNdpOption(bytes, at + ROUTER_SOLICITATION_BYTES, end, SOURCE_LINK_LAYER_ADDRESS) >= 0;
  return isAny(source) && says ? 'bad-ndp-option' : null;
}

/** RFC 4861 §7.1.1. */
function checkSolicitation(
  bytes: Uint8Array,
  at: number,
  end: number,
  source: Readonly<IpAddress>,
  destination: Readonly<IpAddress>,
): NdpFault | null {
  // "Target Address is not a multicast address."
  readTarget(bytes, at, scratch);
  if (isMulticast(scratch)) return 'bad-ndp-target';
  if (!isAny(source)) return isMulticast(source) ? 'bad-ndp-source' : null;
  // "If the IP source address is the unspecified address, the IP destination address is a solicited-node multicast
  // address"; "... there is no source link-layer address option in the message."
  if (!isSolicitedNode(destination)) return 'bad-ndp-destination';
  const says = findNdpOption(bytes, at + NEIGHBOR_MESSAGE_BYTES, end, SOURCE_LINK_LAYER_ADDRESS) >= 0;
  return says ? 'bad-ndp-option' : null;
}

/** RFC 4861 §7.1.2. */
function checkAdvertisement(bytes: Uint8Array, at: number, destination: Readonly<IpAddress>): NdpFault | null {
  // "Target Address is not a multicast address."
  readTarget(bytes, at, scratch);
  if (isMulticast(scratch)) return 'bad-ndp-target';
  // "If the IP Destination Address is a multicast address the Solicited flag is zero."
  const solicited = (advertisementFlags(bytes, at) & NA_SOLICITED) !== 0;
  return isMulticast(destination) && solicited ? 'bad-ndp-destination' : null;
}

/** RFC 4861 §8.1. */
function checkRedirect(bytes: Uint8Array, at: number, source: Readonly<IpAddress>): NdpFault | null {
  // "IP Source Address is a link-local address."
  if (!isLinkLocal(source)) return 'bad-ndp-source';
  // "The ICMP Destination Address field in the redirect message does not contain a multicast address."
  readRedirected(bytes, at, other);
  if (isMulticast(other)) return 'bad-ndp-target';
  // "The ICMP Target Address is either a link-local address (when redirected to a router) or the same as the ICMP
  // Destination Address (when redirected to the on-link destination)."
  readTarget(bytes, at, scratch);
  const isSame =
    scratch.w0 === other.w0 && scratch.w1 === other.w1 && scratch.w2 === other.w2 && scratch.w3 === other.w3;
  return isLinkLocal(scratch) || isSame ? null : 'bad-ndp-target';
}

/** Whether it is in `ff02::1:ff00:0/104` (RFC 4291 §2.7.1). */
export function isSolicitedNode(address: Readonly<IpAddress>): boolean {
  const { w0, w1, w2, w3 } = address;
  return w0 >>> 0 === 0xff02_0000 && w1 === 0 && w2 === 1 && w3 >>> 24 === 0xff;
}

/** Writes the solicited-node multicast address of `address` into `into`. */
export function solicitedNodeOf(address: Readonly<IpAddress>, into: IpAddress): void {
  const { w3 } = address;
  into.w0 = 0xff02_0000 | 0;
  into.w1 = 0;
  into.w2 = 1;
  into.w3 = 0xff00_0000 | (w3 & 0x00ff_ffff);
}

/** Flags of a neighbor advertisement, `NA_*`. */
export function advertisementFlags(bytes: Uint8Array, at: number): number {
  return bytes[at + 4] as number;
}

/** Target of a solicitation, an advertisement or a redirect. */
export function readTarget(bytes: Uint8Array, at: number, into: IpAddress): void {
  readIpv6Address(bytes, at + 8, into);
}

/** The destination that a redirect is about. */
export function readRedirected(bytes: Uint8Array, at: number, into: IpAddress): void {
  readIpv6Address(bytes, at + 24, into);
}

/** What a router advertisement would have as hop limit; 0 when it says nothing. */
export function currentHops(bytes: Uint8Array, at: number): number {
  return bytes[at + 4] as number;
}

/** Flags of a router advertisement: M 0x80, O 0x40, preference 0x18 (RFC 4191). */
export function routerFlags(bytes: Uint8Array, at: number): number {
  return bytes[at + 5] as number;
}

/** Seconds for which the sender is a default router; 0: it is none. */
export function routerLifetimeS(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + 6);
}

/** How long a neighbour counts as reachable; 0 when it says nothing. */
export function reachableTimeMs(bytes: Uint8Array, at: number): number {
  return i32(bytes, at + 8) >>> 0;
}

/** Time between solicitations; 0 when it says nothing. */
export function retransTimerMs(bytes: Uint8Array, at: number): number {
  return i32(bytes, at + 12) >>> 0;
}
