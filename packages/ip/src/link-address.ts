/** The addresses of an Ethernet interface, each with what has been found out about it. */

import { copyOf, type IpAddress, isIpv4, isLinkLocal, sameAddress, samePrefix } from '@tcpstack/wire/ip-address';

/**
 * 'tentative': asking whether somebody has it, nothing may come from it or go to it (RFC 4862 §2). 'deprecated': only
 * for connections that have it. 'duplicate': somebody else has it.
 */
export type AddressState = 'tentative' | 'preferred' | 'deprecated' | 'duplicate';

/** One address. */
export interface LinkAddress {
  readonly address: Readonly<IpAddress>;
  /** As people write it: at most 32 for IPv4. */
  readonly prefixBits: number;
  /** Given by the user, made of our Ethernet address, or made of a router's prefix. */
  readonly origin: 'manual' | 'link-local' | 'autoconf';
  state: AddressState;
  preferredUntilMs: number;
  validUntilMs: number;
}

/** What an interface tells its host. */
export interface LinkEvents {
  /** A new address, or one in a new state. */
  addressChanged(address: LinkAddress): void;
  /** It is gone: given up, or its lifetime is over. */
  addressRemoved(address: LinkAddress): void;
  /** Addresses with this prefix are neighbours, or are not any more. `bits` as people write them. */
  prefixChanged(prefix: Readonly<IpAddress>, bits: number, isOnLink: boolean): void;
  /** Packets to nowhere else go to this router; `null`: to none. */
  routerChanged(router: Readonly<IpAddress> | null): void;
  /** Most bytes of an IPv6 packet. */
  mtuChanged(mtuBytes: number): void;
  /** Hop limit for packets that we send. */
  hopsChanged(hops: number): void;
  /** The IP packet `bytes[at, end)` of ours cannot go on: nobody answers for its next hop. Borrowed. */
  unreachable(bytes: Uint8Array, at: number, end: number): void;
}

/** The list of them. */
export class LinkAddresses {
  readonly list: LinkAddress[] = [];

  /** Adds one; it has none of its kind yet. */
  add(
    address: Readonly<IpAddress>,
    prefixBits: number,
    origin: LinkAddress['origin'],
    state: AddressState,
    preferredUntilMs = Infinity,
    validUntilMs = Infinity,
  ): LinkAddress {
    const added = { address: copyOf(address), prefixBits, origin, state, preferredUntilMs, validUntilMs };
    this.list.push(added);
    return added;
  }

  /** Forgets one. */
  remove(address: LinkAddress): void {
    const place = this.list.indexOf(address);
    if (place >= 0) this.list.splice(place, 1);
  }

  /** The one with this address, in whatever state, or `null`. */
  find(address: Readonly<IpAddress>): LinkAddress | null {
    for (const own of this.list) if (sameAddress(own.address, address)) return own;
    return null;
  }

  /** Whether we answer for this address. */
  answersFor(address: Readonly<IpAddress>): boolean {
    const own = this.find(address);
    return own !== null && isUsable(own);
  }

  /** Our usable address of the family of `target` that is nearest to it: of its prefix, else any, or `null`. */
  sourceFor(target: Readonly<IpAddress>): LinkAddress | null {
    const family = isIpv4(target);
    let any: LinkAddress | null = null;
    for (const own of this.list) {
      if (!isUsable(own) || isIpv4(own.address) !== family) continue;
      if (samePrefix(own.address, target, mappedBits(own))) return own;
      any ??= own;
    }
    return any;
  }

  /**
   * From which address of ours to ask for `target`, when a packet from `source` made us ask; `null`: from none.
   *
   * "If the source address of the packet prompting the solicitation is the same as one of the addresses assigned to the
   * outgoing interface, that address SHOULD be placed in the IP Source Address of the outgoing solicitation. Otherwise,
   * any one of the addresses assigned to the interface should be used." — RFC 4861 §7.2.2
   */
  askFrom(target: Readonly<IpAddress>, source: Readonly<IpAddress>): Readonly<IpAddress> | null {
    return this.answersFor(source) ? source : (this.sourceFor(target)?.address ?? null);
  }

  /** Our usable link-local address of IPv6, or `null`. */
  linkLocal(): LinkAddress | null {
    for (const own of this.list) {
      if (isUsable(own) && !isIpv4(own.address) && isLinkLocal(own.address)) return own;
    }
    return null;
  }
}

/** Whether packets may come from it and go to it. */
export function isUsable({ state }: LinkAddress): boolean {
  return state === 'preferred' || state === 'deprecated';
}

/** Whether it is `255.255.255.255`, or the broadcast address of a subnet of ours (RFC 1122 §3.2.1.3 (c), (d)). */
export function isBroadcast({ list }: LinkAddresses, address: Readonly<IpAddress>): boolean {
  if (!isIpv4(address)) return false;
  if (address.w3 === -1) return true;
  for (const own of list) {
    // The link joins two ends (RFC 3021), or is this host alone: no broadcast.
    if (own.prefixBits > 30 || !isIpv4(own.address)) continue;
    if (address.w3 === (own.address.w3 | (0xffff_ffff >>> own.prefixBits))) return true;
  }
  return false;
}

/** The same events, but for the first. */
export function withAddressChanged(events: LinkEvents, addressChanged: LinkEvents['addressChanged']): LinkEvents {
  return {
    addressChanged,
    addressRemoved: (address) => events.addressRemoved(address),
    prefixChanged: (prefix, bits, isOnLink) => events.prefixChanged(prefix, bits, isOnLink),
    routerChanged: (router) => events.routerChanged(router),
    mtuChanged: (mtuBytes) => events.mtuChanged(mtuBytes),
    hopsChanged: (hops) => events.hopsChanged(hops),
    unreachable: (bytes, at, end) => events.unreachable(bytes, at, end),
  };
}

/** Bits of its prefix, counted in 128. */
function mappedBits({ address, prefixBits }: LinkAddress): number {
  return isIpv4(address) ? 96 + prefixBits : prefixBits;
}
