/** A packet as a page to read: one line of summary, every header field on a line, and the bytes. */

import {
  type DecodedEthernet,
  type DecodedFrame,
  type DecodedIcmp,
  type DecodedPacket,
  type DecodedTcp,
  type DecodedUdp,
  decodeFrame,
  decodePacket,
  TCP_FLAG_NAMES,
  type TcpFlagName,
} from './decode.ts';
import { arpLines } from './decode-arp.ts';
import { ndpLines } from './decode-ndp.ts';
import { ETHERNET_HEADER_BYTES } from './ethernet.ts';
import { hex, hexDump } from './hex.ts';
import { ICMP_NAMES, ICMPV6_NAMES } from './icmp-names.ts';
import { ipv4Lines, ipv6Lines } from './page-ip.ts';
import { optionLines } from './page-options.ts';
import { firstBytes, named, number, plural, verdict } from './page-text.ts';
import { flagDots, monitorLine, type RelativeTo, relativeNumber, summarizeFrame } from './summary.ts';

/**
 * The Ethernet frame `bytes[at, end)` as a page. What is damaged is named, and the rest is shown. Never
 * throws; the last line has no line end.
 *
 * @param base When given, sequence numbers are also shown relative to it.
 */
export function pageOfFrame(bytes: Uint8Array, at = 0, end = bytes.length, base: RelativeTo | null = null): string {
  const frame = decodeFrame(bytes, at, end);
  const lines = [
    frameSummary(frame, bytes, at, end, base),
    '',
    ...ethernetLines(frame.ethernet),
    ...(frame.arp === null ? [] : arpLines(frame.arp)),
    ...packetLines(frame, bytes, base),
    ...paddingLines(frame.ethernetPaddingHex),
  ];
  return `${lines.join('\n')}\n\n${hexDump(bytes, at, end)}`;
}

/** The IP packet `bytes[at, end)` as a page, as `pageOfFrame` makes it. */
export function pageOfPacket(bytes: Uint8Array, at = 0, end = bytes.length, base: RelativeTo | null = null): string {
  const packet = decodePacket(bytes, at, end);
  const lines = [monitorLine(bytes, at, end, base), '', ...packetLines(packet, bytes, base)];
  return `${lines.join('\n')}\n\n${hexDump(bytes, at, end)}`;
}

function frameSummary(
  frame: DecodedFrame,
  bytes: Uint8Array,
  at: number,
  end: number,
  base: RelativeTo | null,
): string {
  if (frame.ipv4 !== null || frame.ipv6 !== null) return monitorLine(bytes, at + ETHERNET_HEADER_BYTES, end, base);
  return summarizeFrame(bytes, at, end, base);
}

function ethernetLines(ethernet: DecodedEthernet | null): string[] {
  if (ethernet === null) return [];
  return [
    `ETHERNET: Destination = ${ethernet.destination}`,
    `ETHERNET: Source = ${ethernet.source}`,
    `ETHERNET: Type = ${ethernet.etherType}${named(ETHERTYPE_NAMES, Number(ethernet.etherType))}`,
  ];
}

function packetLines(packet: DecodedPacket, bytes: Uint8Array, base: RelativeTo | null): string[] {
  const lines: string[] = [];
  if (packet.ipv4 !== null) lines.push(...ipv4Lines(packet.ipv4));
  if (packet.ipv6 !== null) lines.push(...ipv6Lines(packet.ipv6));
  if (packet.tcp !== null) lines.push(...tcpLines(packet.tcp, bytes, base));
  if (packet.udp !== null) lines.push(...udpLines(packet.udp, bytes));
  if (packet.icmp !== null) lines.push(...icmpLines(packet.icmp, 'ICMP', ICMP_NAMES, 0, 8));
  if (packet.icmpv6 !== null) lines.push(...icmpLines(packet.icmpv6, 'ICMPv6', ICMPV6_NAMES, 129, 128));
  lines.push(...ndpLines(packet.ndp));
  if (packet.fault !== null) lines.push(`FAULT: ${packet.fault.layer}: ${packet.fault.name}`);
  return lines;
}

function paddingLines(paddingHex: string): string[] {
  if (paddingHex === '') return [];
  return [`ETHERNET: Padding = 0x${paddingHex} (${plural(paddingHex.length / 2)}, not data)`];
}

const ETHERTYPE_NAMES: Readonly<Record<number, string>> = { 2048: 'IPv4', 2054: 'ARP', 34525: 'IPv6' };

function tcpLines(tcp: DecodedTcp, bytes: Uint8Array, base: RelativeTo | null): string[] {
  const lines = [
    `TCP: Source Port = ${number(tcp.sourcePort, 4)}`,
    `TCP: Destination Port = ${number(tcp.destinationPort, 4)}`,
    `TCP: Sequence Number = ${number(tcp.seq, 8)}`,
    `TCP: Acknowledgment Number = ${number(tcp.ack, 8)}`,
    `TCP: Data Offset = ${plural(tcp.dataOffsetBytes)} (${hex(tcp.dataOffsetBytes, 2)})`,
    `TCP: Reserved = ${number(tcp.reserved, 1)}`,
    `TCP: Flags = ${hex(tcp.controlBits, 2)} : ${flagDots(tcp.controlBits)}`,
    ...TCP_FLAG_NAMES.map((name, i) => controlBitLine(name, i, tcp.flags.includes(name))),
    `TCP: Window = ${number(tcp.window, 4)}`,
    `TCP: Checksum = ${tcp.checksum} (${verdict(tcp.checksumValid)})`,
    `TCP: Urgent Pointer = ${number(tcp.urgentPointer, 4)}`,
    ...optionLines(tcp.options),
    `TCP: Data = ${plural(tcp.payloadLengthBytes)}${firstBytes(bytes, tcp.payloadAt, tcp.payloadLengthBytes)}`,
  ];
  if (base === null) return lines;
  // A number that means nothing has no relative form either.
  const ack = tcp.flags.includes('ACK') ? `, relative ${relativeNumber(tcp.ack, base.ackBase)}` : '';
  lines[2] += `, relative ${relativeNumber(tcp.seq, base.seqBase)}`;
  lines[3] += ack;
  return lines;
}

/** What each control bit says when it is clear and when it is set. */
const CONTROL_BIT_MEANINGS: Readonly<Record<TcpFlagName, readonly [clear: string, set: string]>> = {
  CWR: ['congestion window not reported reduced', 'congestion window reduced'],
  ECE: ['no congestion echoed', 'congestion echoed, or ECN offered'],
  URG: ['urgent pointer means nothing', 'urgent pointer counts'],
  ACK: ['acknowledgment number means nothing', 'acknowledgment number counts'],
  PSH: ['no push', 'push to the application'],
  RST: ['no reset', 'reset the connection'],
  SYN: ['no synchronization', 'synchronize sequence numbers'],
  FIN: ['sender may send more', 'sender has no more data'],
};

/** "TCP:   ......1. = SYN: synchronize sequence numbers" */
function controlBitLine(name: TcpFlagName, place: number, isSet: boolean): string {
  const bits = '.'.repeat(place) + (isSet ? '1' : '0') + '.'.repeat(7 - place);
  return `TCP:   ${bits} = ${name}: ${CONTROL_BIT_MEANINGS[name][isSet ? 1 : 0]}`;
}

function udpLines(udp: DecodedUdp, bytes: Uint8Array): string[] {
  return [
    `UDP: Source Port = ${number(udp.sourcePort, 4)}`,
    `UDP: Destination Port = ${number(udp.destinationPort, 4)}`,
    `UDP: Length = ${plural(udp.lengthBytes)} (${hex(udp.lengthBytes, 4)})`,
    `UDP: Checksum = ${udp.checksum} (${udp.checksum === '0x0000' ? 'none' : verdict(udp.checksumValid)})`,
    `UDP: Data = ${plural(udp.payloadLengthBytes)}${firstBytes(bytes, udp.payloadAt, udp.payloadLengthBytes)}`,
  ];
}

function icmpLines(
  icmp: DecodedIcmp,
  label: 'ICMP' | 'ICMPv6',
  names: Readonly<Record<number, string>>,
  replyType: number,
  requestType: number,
): string[] {
  const isEcho = icmp.type === replyType || icmp.type === requestType;
  const word = icmp.identifier * 0x10000 + icmp.sequence;
  return [
    `${label}: Type = ${number(icmp.type, 2)}${named(names, icmp.type)}`,
    `${label}: Code = ${number(icmp.code, 2)}`,
    `${label}: Checksum = ${icmp.checksum} (${verdict(icmp.checksumValid)})`,
    ...(isEcho
      ? [`${label}: Identifier = ${number(icmp.identifier, 4)}`, `${label}: Sequence = ${number(icmp.sequence, 4)}`]
      : [`${label}: Rest of Header = ${number(word, 8)}`]),
    `${label}: Data = ${plural(icmp.payloadLengthBytes)}`,
  ];
}
