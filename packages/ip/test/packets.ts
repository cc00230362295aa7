/** Packets for the tests of this package. */

import { ICMP_ECHO_REQUEST, ICMP_HEADER_BYTES, writeEcho } from '@tcpstack/wire/icmp';
import { ICMPV6_ECHO_REQUEST, writeEcho6 } from '@tcpstack/wire/icmpv6';
import { type IpAddress, ipv4Address } from '@tcpstack/wire/ip-address';
import { IPV4_DF, IPV4_HEADER_BYTES, PROTOCOL_ICMP, writeIpv4 } from '@tcpstack/wire/ipv4';
import { IPV6_HEADER_BYTES, PROTOCOL_ICMPV6, pseudoHeaderSum6, writeIpv6 } from '@tcpstack/wire/ipv6';
import { createExtensionChain } from '@tcpstack/wire/ipv6-extensions';
import { createIpCounters, type IpCounters } from '../src/counters.ts';
import { receive } from '../src/input.ts';
import { InterfaceTable } from '../src/interfaces.ts';
import { createIpPacket, type IpPacket } from '../src/packet.ts';
import { Reassembly } from '../src/reassembly.ts';
import { createTrouble } from '../src/trouble.ts';
import { address } from './address.ts';
import { HASH } from './hash.ts';

export const OURS = 0x0a4d0002; // 10.77.0.2
export const PEER = 0x0a4d0001; // 10.77.0.1

/** Of the subnet 10.77.0.0/24. */
export const BROADCAST = 0x0a4d00ff;

/** fd00::2/64 is ours, fd00::1 the peer's. */
export const OURS6 = address('fd00::2');
export const PEER6 = address('fd00::1');
/** The host whose addresses these are. */
export const INTERFACES = new InterfaceTable();
const ETH0 = INTERFACES.add({ name: 'eth0', kind: 'ethernet', mtuBytes: 1500 });
INTERFACES.addAddress(ETH0, ipv4Address(OURS), 24);
INTERFACES.addAddress(ETH0, OURS6, 64);

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

/** An IPv6 packet, by default from the peer to us. */
export function packet6(
  protocol: number,
  payload: Uint8Array,
  source: Readonly<IpAddress> = PEER6,
  destination: Readonly<IpAddress> = OURS6,
): Uint8Array {
  const bytes = new Uint8Array(IPV6_HEADER_BYTES + payload.length);
  writeIpv6(bytes, 0, bytes.length, protocol, source, destination, 64, 0, 0);
  bytes.set(payload, IPV6_HEADER_BYTES);
  return bytes;
}

/** An ICMPv6 echo request from the peer to us. */
export function ping6(data: Uint8Array, identifier: number, sequence: number): Uint8Array {
  const payload = new Uint8Array(ICMP_HEADER_BYTES + data.length);
  payload.set(data, ICMP_HEADER_BYTES);
  const pseudoSum = pseudoHeaderSum6(PEER6, OURS6, PROTOCOL_ICMPV6);
  writeEcho6(payload, 0, payload.length, ICMPV6_ECHO_REQUEST, identifier, sequence, pseudoSum);
  return packet6(PROTOCOL_ICMPV6, payload);
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
  interfaceIndex = 1,
): IpPacket | null {
  const into = createIpPacket();
  const settings = { acceptSourceRoute: false, forwardIpv4: false, forwardIpv6: false };
  const input = {
    interfaces: INTERFACES,
    settings,
    counters,
    chain: createExtensionChain(),
    nowMs: 0,
    fragments: new Reassembly(HASH),
    trouble: createTrouble(),
    isForOthers: false,
  };
  return receive(input, bytes, at, end, interfaceIndex, into) ? into : null;
}

/** The same, where it does. */
export function taken(bytes: Uint8Array, at = 0, end = bytes.length): IpPacket {
  const packetTaken = received(bytes, at, end);
  if (packetTaken === null) throw new Error('the packet was dropped');
  return packetTaken;
}
