/** What the IP layer says of a packet that arrived, whatever its version. */

import { IpAddress } from '@tcpstack/wire/ip-address';

/** One packet that passed. One record is filled again and again: it and `bytes` are borrowed for the call. */
export interface IpPacket {
  version: 4 | 6;
  /** The memory it lies in: from `at` to `end`, link padding cut off. */
  bytes: Uint8Array;
  at: number;
  end: number;
  /** Where the transport's header begins. */
  transportAt: number;
  /** The protocol of what stands there, by IANA's number. */
  protocol: number;
  readonly source: IpAddress;
  readonly destination: IpAddress;
  ttlHops: number;
  /** Diffserv and ECN bits; IPv6 calls them the traffic class. */
  tosByte: number;
  /** Where it came in. */
  interfaceIndex: number;
  /** It carries IPv4 options or IPv6 extension headers. */
  hasOptions: boolean;
  /** It is for a group that we listen to, or for everybody on a link, and not for an address of ours. */
  isToMany: boolean;
}

/** A record to be filled, all fields made in one order. */
export function createIpPacket(): IpPacket {
  return {
    version: 4,
    bytes: new Uint8Array(0),
    at: 0,
    end: 0,
    transportAt: 0,
    protocol: 0,
    source: new IpAddress(),
    destination: new IpAddress(),
    ttlHops: 0,
    tosByte: 0,
    interfaceIndex: 0,
    hasOptions: false,
    isToMany: false,
  };
}
