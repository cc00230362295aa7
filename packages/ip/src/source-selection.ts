/** Which of our addresses a packet comes from when nobody said (RFC 6724 §5), for both families. */

import {
  ANY_IPV6,
  commonPrefixBits,
  IpAddress,
  ipv4Address,
  isIpv4,
  isLinkLocal,
  isLoopback,
  isMulticast,
  sameAddress,
  samePrefix,
} from '@tcpstack/wire/ip-address';
import { type InterfaceAddress, type InterfaceTable, isInUse } from './interfaces.ts';
import type { Route } from './routes.ts';

/** Scopes of RFC 4291 §2.7, which unicast addresses have too (RFC 6724 §3.1). */
const INTERFACE_LOCAL = 1;
const LINK_LOCAL = 2;
const SITE_LOCAL = 5;
const GLOBAL = 14;

/** Where a packet is to go. */
interface Journey {
  readonly destination: Readonly<IpAddress>;
  readonly route: Route;
  readonly nextHop: Readonly<IpAddress>;
}

/** More than 0 when `a` is better than `b`, less when it is worse; 0 leaves it to the next rule. */
type Rule = (a: InterfaceAddress, b: InterfaceAddress, journey: Journey) => number;

const prefers = (a: boolean, b: boolean): number => Number(a) - Number(b);

/** In their order: "it is possible to add or remove rules", and we have no home addresses (4) and no temporary ones (7). */
const RULES: readonly Rule[] = [
  // "Rule 1: Prefer same address. If SA = D, then prefer SA."
  (a, b, { destination }) => prefers(sameAddress(a.address, destination), sameAddress(b.address, destination)),
  // "Rule 2: Prefer appropriate scope. If Scope(SA) < Scope(SB): If Scope(SA) < Scope(D), then prefer SB and otherwise
  // prefer SA."
  (a, b, { destination }) => {
    const [scopeA, scopeB, scopeD] = [scopeOf(a.address), scopeOf(b.address), scopeOf(destination)];
    if (scopeA === scopeB) return 0;
    if (scopeA < scopeB) return scopeA < scopeD ? -1 : 1;
    return scopeB < scopeD ? 1 : -1;
  },
  // "Rule 3: Avoid deprecated addresses."
  (a, b) => prefers(a.state === 'preferred', b.state === 'preferred'),
  // "Rule 5: Prefer outgoing interface. If SA is assigned to the interface that will be used to send to D and SB is
  // assigned to a different interface, then prefer SA."
  (a, b, { route }) => prefers(a.on === route.out, b.on === route.out),
  // "Rule 5.5: Prefer addresses in a prefix advertised by the next-hop": of its subnet, as Linux picks those of IPv4.
  (a, b, { nextHop }) => prefers(isNeighbour(a, nextHop), isNeighbour(b, nextHop)),
  // "Rule 6: Prefer matching label."
  (a, b, { destination }) => {
    const label = labelOf(destination);
    return prefers(labelOf(a.address) === label, labelOf(b.address) === label);
  },
  // "Rule 8: Use longest matching prefix."
  (a, b, { destination }) => commonBits(a, destination) - commonBits(b, destination),
];

/**
 * The address of ours for packets to `destination` over `route`; `null` when there is none of its family.
 *
 * "For all multicast and link-local destination addresses, the set of candidate source addresses MUST only include
 * addresses assigned to interfaces belonging to the same link as the outgoing interface." — RFC 6724 §4
 */
export function selectSource(
  interfaces: InterfaceTable,
  destination: Readonly<IpAddress>,
  route: Route,
): InterfaceAddress | null {
  const journey: Journey = { destination, route, nextHop: route.via ?? destination };
  const isBound = isMulticast(destination) || isLinkLocal(destination);
  let best: InterfaceAddress | null = null;
  for (const candidates of isBound ? [route.out] : interfaces.list) {
    for (const candidate of candidates.addresses) {
      if (!isCandidate(candidate, journey)) continue;
      if (best === null || compare(candidate, best, journey) > 0) best = candidate;
    }
  }
  return best;
}

function isCandidate(candidate: InterfaceAddress, { destination, route }: Journey): boolean {
  if (!isInUse(candidate) || isIpv4(candidate.address) !== isIpv4(destination)) return false;
  // "A packet with a source address of loopback MUST NOT" leave the node (RFC 4291 §2.5.3, RFC 1122 §3.2.1.3 (g)).
  if (isLoopback(candidate.address) && route.out.kind !== 'loopback') return false;
  // One that is good on one link only is good for nobody elsewhere.
  return !isLinkLocal(candidate.address) || isIpv4(candidate.address) || candidate.on === route.out;
}

/** "If one of the rules determines that one of them is better, it is used"; else the first one stays. */
function compare(a: InterfaceAddress, b: InterfaceAddress, journey: Journey): number {
  for (const rule of RULES) {
    const outcome = rule(a, b, journey);
    if (outcome !== 0) return outcome;
  }
  return 0;
}

function isNeighbour({ address, prefixBits }: InterfaceAddress, other: Readonly<IpAddress>): boolean {
  return samePrefix(address, other, prefixBits);
}

/** "CommonPrefixLen(S, D) ... up to the length of S's prefix" — RFC 6724 §2.2 */
function commonBits({ address, prefixBits }: InterfaceAddress, destination: Readonly<IpAddress>): number {
  return Math.min(commonPrefixBits(address, destination), prefixBits);
}

/** RFC 6724 §3.1 to §3.4. */
export function scopeOf(address: Readonly<IpAddress>): number {
  if (isMulticast(address)) return isIpv4(address) ? GLOBAL : (address.w0 >>> 16) & 0xf || INTERFACE_LOCAL;
  // "the loopback address is treated as having link-local scope"; IPv4's 127/8 and 169.254/16 as well.
  if (isLoopback(address) || isLinkLocal(address)) return LINK_LOCAL;
  return !isIpv4(address) && address.w0 >>> 22 === 0x3fb ? SITE_LOCAL : GLOBAL;
}

/** The labels of RFC 6724 §2.1, longest prefix first. */
const LABELS: readonly { readonly prefix: Readonly<IpAddress>; readonly bits: number; readonly label: number }[] = [
  { prefix: new IpAddress(0, 0, 0, 1), bits: 128, label: 0 },
  { prefix: ipv4Address(0), bits: 96, label: 4 },
  { prefix: ANY_IPV6, bits: 96, label: 3 },
  { prefix: new IpAddress(0x2001_0000), bits: 32, label: 5 },
  { prefix: new IpAddress(0x2002_0000), bits: 16, label: 2 },
  { prefix: new IpAddress(0x3ffe_0000), bits: 16, label: 12 },
  { prefix: new IpAddress(0xfec0_0000 | 0), bits: 10, label: 11 },
  { prefix: new IpAddress(0xfc00_0000 | 0), bits: 7, label: 13 },
];
const LABEL_OF_THE_REST = 1;

/** Its label in the policy table (RFC 6724 §2.1). */
export function labelOf(address: Readonly<IpAddress>): number {
  for (const { prefix, bits, label } of LABELS) if (samePrefix(prefix, address, bits)) return label;
  return LABEL_OF_THE_REST;
}
