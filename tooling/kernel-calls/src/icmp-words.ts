/** ICMP errors about a packet, in words that both stacks are told alike, and as bytes. */

import { complement, onesSum } from '@tcpstack/wire/checksum';
import { finishIcmpv6 } from '@tcpstack/wire/icmpv6';
import { IpAddress, readIpv4Address, readIpv6Address, sameAddress } from '@tcpstack/wire/ip-address';
import { writeIpv4 } from '@tcpstack/wire/ipv4';
import { pseudoHeaderSum6, writeIpv6 } from '@tcpstack/wire/ipv6';

/** What a message says. */
export interface IcmpError {
  readonly type: number;
  readonly code: number;
  /** Bytes 4 to 7: an MTU, or a pointer. */
  readonly word?: number;
}

const HEADER_BYTES = 8;
/** Enough for the headers, whatever options they have. */
const QUOTED_BYTES = 160;
const IPV4_BYTES = 20;
const IPV6_BYTES = 40;
const HOPS = 64;
const PROTOCOL_ICMP = 1;
export const PROTOCOL_ICMPV6 = 58;

const source = new IpAddress();

/** Whether one of these hosts' addresses sent the packet. */
export function isFrom(packet: Uint8Array, addresses: readonly IpAddress[]): boolean {
  if (isIpv6(packet)) readIpv6Address(packet, 8, source);
  else readIpv4Address(packet, 12, source);
  return addresses.some((one) => sameAddress(one, source));
}

export function isIpv6(packet: Uint8Array): boolean {
  return (packet[0] as number) >> 4 === 6;
}

/** The message about `packet`. Of IPv6 without a checksum, which is also over the addresses. */
export function icmpMessage(packet: Uint8Array, { type, code, word = 0 }: IcmpError): Uint8Array {
  const quoted = packet.subarray(0, QUOTED_BYTES);
  const message = new Uint8Array(HEADER_BYTES + quoted.length);
  const view = new DataView(message.buffer);
  message[0] = type;
  message[1] = code;
  view.setUint32(4, word);
  message.set(quoted, HEADER_BYTES);
  if (!isIpv6(packet)) view.setUint16(2, complement(onesSum(message, 0, message.length)));
  return message;
}

/** The whole packet that carries the message. */
export function icmpPacket(message: Uint8Array, from: IpAddress, to: IpAddress, overIpv6: boolean): Uint8Array {
  const at = overIpv6 ? IPV6_BYTES : IPV4_BYTES;
  const packet = new Uint8Array(at + message.length);
  packet.set(message, at);
  if (overIpv6) {
    writeIpv6(packet, 0, packet.length, PROTOCOL_ICMPV6, from, to, HOPS, 0, 0);
    finishIcmpv6(packet, at, packet.length, pseudoHeaderSum6(from, to, PROTOCOL_ICMPV6));
  } else {
    writeIpv4(packet, 0, packet.length, PROTOCOL_ICMP, from.w3, to.w3, 0, 0, HOPS, 0);
  }
  return packet;
}
