/** What an Ethernet interface needs to know. */

import type { LinkEvents } from './link-address.ts';
import type { NeighbourSettings } from './neighbour.ts';
import type { NextHops } from './next-hops.ts';

/** How an Ethernet interface is to be. */
export interface EthernetOptions {
  /** Our Ethernet address: 48 bits, of one station. */
  readonly macAddress: number;
  /** Most bytes of an IP packet. */
  readonly mtuBytes: number;
  /** 0 to 1, without 1. */
  readonly random: () => number;
  readonly events: LinkEvents;
  readonly nextHops: NextHops;
  /** Probe for IPv4 addresses before they are used (RFC 5227 §2.1), which takes 4 to 7 s. Default false. */
  readonly probesIpv4?: boolean | undefined;
  /** Linux's `dad_transmits`: solicitations before an IPv6 address is used; 0 checks nothing. Default 1. */
  readonly dadTransmits?: number | undefined;
  /** Make a link-local address of the Ethernet address, as Linux's `addr_gen_mode` 0 does. Default true. */
  readonly linkLocal?: boolean | undefined;
  /** Linux's `accept_ra`: ask for routers, believe them, and make addresses of their prefixes. Default true. */
  readonly acceptsRouters?: boolean | undefined;
  /** Whether we pass IPv6 packets of others on: then we say so, and believe no router. Default never. */
  readonly isRouter?: (() => boolean) | undefined;
  /** Times and limits of the neighbour caches; default Linux's. */
  readonly neighboursIpv4?: NeighbourSettings | undefined;
  readonly neighboursIpv6?: NeighbourSettings | undefined;
}
