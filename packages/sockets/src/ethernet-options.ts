/** What a user may say of an Ethernet interface, and the checks of it. */

import { parseMac } from '@tcpstack/wire/ethernet';

/** What a user may say of an Ethernet interface. */
export interface EthernetInterfaceOptions {
  /** Our Ethernet address, "02:00:00:00:00:01"; `Link.macAddress`. An interface of kind 'ethernet' needs it. */
  readonly macAddress?: string;
  /** Probe for IPv4 addresses before they are used (RFC 5227 §2.1.1), which takes 4 to 7 s. Default false, as Linux. */
  readonly probeAddresses?: boolean;
  /** Linux's `dad_transmits`: how often an IPv6 address is asked for before it is used; 0 never. Default 1. */
  readonly dadTransmits?: number;
  /** Make a link-local IPv6 address of the Ethernet address; Linux's `addr_gen_mode` 0. Default true. */
  readonly linkLocal?: boolean;
  /** Believe IPv6 routers, and make addresses of their prefixes; Linux's `accept_ra`. Default true. */
  readonly acceptRouterAdvertisements?: boolean;
}

/** The Ethernet address that the user gave, 48 bits. Throws `RangeError`. */
export function parseStation(name: string, macAddress: string | undefined): number {
  const mac = macAddress === undefined ? null : parseMac(macAddress);
  // The last bit of the first byte says that it is a group's.
  if (mac === null || mac === 0 || (Math.floor(mac / 0x100_0000_0000) & 1) === 1) {
    throw new RangeError(`macAddress of ${name} must be the Ethernet address of one station, not ${macAddress}`);
  }
  return mac;
}
