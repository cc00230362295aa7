/** Fragments of both families for the tests of this package, and packets as the way in hands them on. */

import { IpAddress, readIpv4Address } from '@tcpstack/wire/ip-address';
import { headerBytes, IPV4_MF, protocol, tos, totalLength, writeIpv4 } from '@tcpstack/wire/ipv4';
import * as Ipv6 from '@tcpstack/wire/ipv6';
import { FRAGMENT, writeFragmentHeader } from '@tcpstack/wire/ipv6-extensions';
import { createIpPacket, type IpPacket } from '../src/packet.ts';
import { OURS, PEER } from './packets.ts';

export const OURS6 = new IpAddress(0xfd00_0000 | 0, 0, 0, 2);
export const PEER6 = new IpAddress(0xfd00_0000 | 0, 0, 0, 1);

export interface FragmentFields {
  /** What belongs to `[from, from + data.length)`. */
  readonly data: Uint8Array;
  readonly from: number;
  readonly more: boolean;
  readonly id?: number;
  readonly tosByte?: number;
  readonly protocol?: number;
}

/** A fragment over IPv4 from the peer to us, by default of ICMP. */
export function fragment4(fields: FragmentFields, source = PEER): Uint8Array {
  const bytes = new Uint8Array(20 + fields.data.length);
  const word = (fields.more ? IPV4_MF : 0) | (fields.from / 8);
  const { protocol: carried = 1, id = 7, tosByte = 0 } = fields;
  writeIpv4(bytes, 0, bytes.length, carried, source, OURS, id, word, 64, tosByte);
  bytes.set(fields.data, 20);
  return bytes;
}

/** A fragment over IPv6 from the peer to us, by default of ICMPv6. */
export function fragment6(fields: FragmentFields, source: Readonly<IpAddress> = PEER6): Uint8Array {
  const bytes = new Uint8Array(48 + fields.data.length);
  const { protocol: carried = 58, id = 7, tosByte = 0 } = fields;
  Ipv6.writeIpv6(bytes, 0, bytes.length, FRAGMENT, source, OURS6, 64, tosByte, 0);
  writeFragmentHeader(bytes, 40, carried, fields.from, fields.more, id);
  bytes.set(fields.data, 48);
  return bytes;
}

/** A right packet as the way in reads it, whether or not it is a fragment. */
export function asPacket(bytes: Uint8Array, interfaceIndex = 1): IpPacket {
  const packet = createIpPacket();
  packet.bytes = bytes;
  packet.interfaceIndex = interfaceIndex;
  if ((bytes[0] as number) >> 4 === 4) {
    packet.end = totalLength(bytes, 0);
    packet.transportAt = headerBytes(bytes, 0);
    packet.protocol = protocol(bytes, 0);
    packet.tosByte = tos(bytes, 0);
    readIpv4Address(bytes, 12, packet.source);
    readIpv4Address(bytes, 16, packet.destination);
    return packet;
  }
  packet.version = 6;
  packet.end = Ipv6.totalLength(bytes, 0);
  packet.transportAt = 40;
  packet.protocol = Ipv6.nextHeader(bytes, 0);
  packet.tosByte = Ipv6.trafficClass(bytes, 0);
  Ipv6.readSource(bytes, 0, packet.source);
  Ipv6.readDestination(bytes, 0, packet.destination);
  return packet;
}
