/** Packets for the tests of this package. */

import { ICMP_ECHO_REQUEST, ICMP_HEADER_BYTES, writeEcho } from '@tcpstack/wire/icmp';
import { ipv4Address } from '@tcpstack/wire/ip-address';
import { IPV4_DF, IPV4_HEADER_BYTES, PROTOCOL_ICMP, writeIpv4 } from '@tcpstack/wire/ipv4';
import type { OwnAddress } from '../src/addresses.ts';
import { createIpCounters, type IpCounters } from '../src/counters.ts';
import { receive } from '../src/input.ts';
import { createIpPacket, type IpPacket } from '../src/packet.ts';

export const OURS = 0x0a4d0002; // 10.77.0.2
export const PEER = 0x0a4d0001; // 10.77.0.1

/** Of the subnet 10.77.0.0/24. */
export const BROADCAST = 0x0a4d00ff;

/** The same, as the IP layer knows them. */
export const OWN: OwnAddress = { address: ipv4Address(OURS), broadcast: ipv4Address(BROADCAST) };

export interface PacketFields {
  readonly protocol?: number;
  readonly source?: number;
  readonly destination?: number;
  readonly fragment?: number;
  readonly payloadBytes?: number;
  readonly tosByte?: number;
}

/** A packet with a right header, by default from the peer to us; its payload is zeros. */
export function packet(fields: PacketFields = {}): Uint8Array {
  const bytes = new Uint8Array(IPV4_HEADER_BYTES + (fields.payloadBytes ?? 20));
  const { protocol = 6, source = PEER, destination = OURS, fragment = IPV4_DF, tosByte = 0 } = fields;
  writeIpv4(bytes, 0, bytes.length, protocol, source, destination, 1, fragment, 64, tosByte);
  return bytes;
}

/** An echo request from the peer to us. */
export function ping(data: Uint8Array, identifier: number, sequence: number): Uint8Array {
  const bytes = packet({ protocol: PROTOCOL_ICMP, payloadBytes: ICMP_HEADER_BYTES + data.length });
  bytes.set(data, IPV4_HEADER_BYTES + ICMP_HEADER_BYTES);
  writeEcho(bytes, IPV4_HEADER_BYTES, bytes.length, ICMP_ECHO_REQUEST, identifier, sequence);
  return bytes;
}

/** The packet as the IP layer hands it on; `null` when it does not. */
export function received(
  bytes: Uint8Array,
  at = 0,
  end = bytes.length,
  counters: IpCounters = createIpCounters(),
): IpPacket | null {
  const into = createIpPacket();
  return receive({ own: OWN, acceptSourceRoute: false, counters }, bytes, at, end, 1, into) ? into : null;
}

/** The same, where it does. */
export function taken(bytes: Uint8Array, at = 0, end = bytes.length): IpPacket {
  const packetTaken = received(bytes, at, end);
  if (packetTaken === null) throw new Error('the packet was dropped');
  return packetTaken;
}
