/** A packet as a page to read: one line of summary, every header field on a line, and the bytes. */

import { parseIpv4 } from './address.ts';
import {
  type DecodedEthernet,
  type DecodedFrame,
  type DecodedIcmp,
  type DecodedIpv4,
  type DecodedPacket,
  type DecodedTcp,
  decodeFrame,
  decodePacket,
  TCP_FLAG_NAMES,
  type TcpFlagName,
} from './decode.ts';
import { ETHERNET_HEADER_BYTES } from './ethernet.ts';
import { hex, hexBytes, hexDump } from './hex.ts';
import { optionLines } from './page-options.ts';
import { flagDots, monitorLine, type RelativeTo, relativeNumber } from './summary.ts';

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
    ...packetLines(frame, bytes, base),
    ...paddingLines(frame.ethernetPaddingHex),
  ];
  return `${lines.join('\n')}\n\n${hexDump(bytes, at, end)}`;
}

/** The IPv4 packet `bytes[at, end)` as a page, as `pageOfFrame` makes it. */
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
  if (frame.ipv4 !== null) return monitorLine(bytes, at + ETHERNET_HEADER_BYTES, end, base);
  if (frame.fault !== null) return `[${frame.fault.name}] ${end - at} bytes`;
  return `ETHERNET: type ${frame.ethernet?.etherType}, ${end - at} bytes`;
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
  if (packet.tcp !== null) lines.push(...tcpLines(packet.tcp, bytes, base));
  if (packet.icmp !== null) lines.push(...icmpLines(packet.icmp));
  if (packet.fault !== null) lines.push(`FAULT: ${packet.fault.layer}: ${packet.fault.name}`);
  return lines;
}

function paddingLines(paddingHex: string): string[] {
  if (paddingHex === '') return [];
  return [`ETHERNET: Padding = 0x${paddingHex} (${plural(paddingHex.length / 2)}, not data)`];
}

const ETHERTYPE_NAMES: Readonly<Record<number, string>> = { 2048: 'IPv4', 2054: 'ARP', 34525: 'IPv6' };
const PROTOCOL_NAMES: Readonly<Record<number, string>> = { 1: 'ICMP', 6: 'TCP', 17: 'UDP' };
const ICMP_NAMES: Readonly<Record<number, string>> = { 0: 'echo reply', 8: 'echo request' };

function ipv4Lines(ip: DecodedIpv4): string[] {
  const lines = [
    'IP: Version = 4 (0x4)',
    `IP: Header Length = ${plural(ip.headerLengthBytes)} (${hex(ip.headerLengthBytes, 2)})`,
    `IP: Differentiated Services and ECN = ${number(ip.tos, 2)}`,
    `IP: Total Length = ${plural(ip.totalLengthBytes)} (${hex(ip.totalLengthBytes, 4)})`,
    `IP: Identification = ${number(ip.identification, 4)}`,
    `IP:   ${ip.dontFragment ? '.1. = must not be fragmented' : '.0. = may be fragmented'}`,
    `IP:   ${ip.moreFragments ? '..1 = more fragments follow' : '..0 = last fragment'}`,
    `IP: Fragment Offset = ${plural(ip.fragmentOffsetBytes)} (${hex(ip.fragmentOffsetBytes, 4)})`,
    `IP: Time to Live = ${number(ip.ttl, 2)}`,
    `IP: Protocol = ${number(ip.protocol, 2)}${named(PROTOCOL_NAMES, ip.protocol)}`,
    `IP: Header Checksum = ${ip.headerChecksum} (${verdict(ip.checksumValid)})`,
    `IP: Source Address = ${ip.source} (${addressHex(ip.source)})`,
    `IP: Destination Address = ${ip.destination} (${addressHex(ip.destination)})`,
  ];
  if (ip.optionsHex !== '') lines.push(`IP: Options = 0x${ip.optionsHex}`);
  return lines;
}

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

function icmpLines(icmp: DecodedIcmp): string[] {
  const lines = [
    `ICMP: Type = ${number(icmp.type, 2)}${named(ICMP_NAMES, icmp.type)}`,
    `ICMP: Code = ${number(icmp.code, 2)}`,
    `ICMP: Checksum = ${icmp.checksum} (${verdict(icmp.checksumValid)})`,
  ];
  if (icmp.type in ICMP_NAMES) {
    lines.push(`ICMP: Identifier = ${number(icmp.identifier, 4)}`, `ICMP: Sequence = ${number(icmp.sequence, 4)}`);
  }
  lines.push(`ICMP: Data = ${plural(icmp.payloadLengthBytes)}`);
  return lines;
}

/** "8192 (0x2000)" */
function number(value: number, digits: number): string {
  return `${value} (${hex(value, digits)})`;
}

function named(names: Readonly<Record<number, string>>, value: number): string {
  const name = names[value];
  return name === undefined ? '' : ` ${name}`;
}

function verdict(valid: boolean | null): string {
  if (valid === null) return 'not checked: the segment is not whole';
  return valid ? 'right' : 'wrong';
}

function plural(bytes: number): string {
  return bytes === 1 ? '1 byte' : `${bytes} bytes`;
}

function addressHex(text: string): string {
  return hex((parseIpv4(text) as number) >>> 0, 8);
}

const SHOWN_BYTES = 16;

function firstBytes(bytes: Uint8Array, at: number, lengthBytes: number): string {
  if (lengthBytes === 0) return '';
  const shown = hexBytes(bytes, at, at + Math.min(lengthBytes, SHOWN_BYTES));
  return ` (0x${shown}${lengthBytes > SHOWN_BYTES ? '...' : ''})`;
}
