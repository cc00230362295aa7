/** A packet as one line of text, in the manner of tcpdump or of a network monitor. */

import { unreachable } from '@tcpstack/bytes/assert';
import { type Seq, toUint32 } from '@tcpstack/seq/seq';
import { type DecodedIcmp, type DecodedPacket, type DecodedTcp, decodeFrame, decodePacket } from './decode.ts';
import { arpText } from './decode-arp.ts';
import { ndpText } from './decode-ndp.ts';
import type { DecodedSackBlock, DecodedTcpOption } from './decode-options.ts';
import { ETHERNET_HEADER_BYTES } from './ethernet.ts';
import { ICMPV6_NAMES } from './icmp-names.ts';
import { ACK, FIN, PSH, RST, SYN, URG } from './tcp.ts';

/** What to count sequence numbers from: the initial numbers of the sender and of its peer. */
export interface RelativeTo {
  readonly seqBase: Seq;
  readonly ackBase: Seq;
}

/**
 * The IP packet `bytes[at, end)` as a line like
 * `10.77.0.1.43210 > 10.77.0.2.80: Flags [S], seq 1234, win 64240, options [mss 1460], length 0`.
 * A damaged packet gives a line that names the fault. Never throws.
 *
 * @param base When given, sequence numbers (also those in SACK blocks) count from it, modulo 2^32.
 */
export function summarizePacket(bytes: Uint8Array, at: number, end: number, base: RelativeTo | null = null): string {
  const packet = decodePacket(bytes, at, end);
  const ip = outlineOf(packet);
  if (ip === null) return `[${packet.fault?.name}] ${end - at} bytes`;
  return `${packetText(packet, ip, base)}${faultNote(packet)}`;
}

/** The Ethernet frame `bytes[at, end)` as a line: that of its packet, `ARP, who has ... tell ...`, or its type. */
export function summarizeFrame(bytes: Uint8Array, at: number, end: number, base: RelativeTo | null = null): string {
  const frame = decodeFrame(bytes, at, end);
  if (frame.arp !== null) return arpText(frame.arp);
  if (frame.ipv4 !== null || frame.ipv6 !== null) return summarizePacket(bytes, at + ETHERNET_HEADER_BYTES, end, base);
  if (frame.fault !== null) return `[${frame.fault.name}] ${end - at} bytes`;
  return `ETHERNET: type ${frame.ethernet?.etherType}, ${end - at} bytes`;
}

/** What both families of headers say. */
interface Outline {
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  /** Behind the IP headers. */
  readonly dataBytes: number;
  /** ", fragment of 9 at 1480+", or nothing. */
  readonly fragment: string;
}

function outlineOf({ ipv4, ipv6 }: DecodedPacket): Outline | null {
  if (ipv4 !== null) {
    const { identification, fragmentOffsetBytes, moreFragments } = ipv4;
    const isPart = moreFragments || fragmentOffsetBytes > 0;
    return {
      ...ipv4,
      dataBytes: ipv4.totalLengthBytes - ipv4.headerLengthBytes,
      fragment: isPart ? fragmentText(identification, fragmentOffsetBytes, moreFragments) : '',
    };
  }
  if (ipv6 === null) return null;
  const { fragment } = ipv6;
  return {
    ...ipv6,
    dataBytes: ipv6.totalLengthBytes - ipv6.headersLengthBytes,
    fragment:
      fragment === null ? '' : fragmentText(fragment.identification, fragment.offsetBytes, fragment.moreFragments),
  };
}

function fragmentText(identification: number, offsetBytes: number, more: boolean): string {
  return `, fragment of ${identification} at ${offsetBytes}${more ? '+' : ''}`;
}

function packetText(packet: DecodedPacket, ip: Outline, base: RelativeTo | null): string {
  const { tcp, udp, icmp, icmpv6 } = packet;
  if (tcp !== null) return tcpLine(ip, tcp, base);
  if (udp !== null) {
    const ends = `${ip.source}.${udp.sourcePort} > ${ip.destination}.${udp.destinationPort}`;
    return `${ends}: UDP, length ${udp.payloadLengthBytes}${ip.fragment}`;
  }
  const addresses = `${ip.source} > ${ip.destination}`;
  if (icmp !== null) return `${addresses}: ${icmpText(icmp)}`;
  if (icmpv6 !== null) return `${addresses}: ${icmpv6Text(icmpv6)}${ndpText(packet.ndp)}`;
  return `${addresses}: protocol ${ip.protocol}${ip.fragment}, length ${ip.dataBytes}`;
}

/**
 * The TCP segment in the IP packet `bytes[at, end)` as a line like
 * `TCP: ....S., len: 0, seq: 8221822-8221822, ack: 0, win: 8192, src: 1037 dst: 139`. `len` counts the
 * payload, and the sequence numbers are the first and the last that the segment takes, SYN and FIN
 * included. What holds no TCP is shown as `summarizePacket` shows it.
 */
export function monitorLine(bytes: Uint8Array, at: number, end: number, base: RelativeTo | null = null): string {
  const packet = decodePacket(bytes, at, end);
  if (packet.tcp === null) return summarizePacket(bytes, at, end, base);
  const tcp = packet.tcp;
  const first = relative(tcp.seq, base?.seqBase);
  const taken = tcp.payloadLengthBytes + (tcp.flags.includes('SYN') ? 1 : 0) + (tcp.flags.includes('FIN') ? 1 : 0);
  const last = (first + Math.max(taken, 1) - 1) >>> 0;
  const ack = tcp.flags.includes('ACK') ? relative(tcp.ack, base?.ackBase) : tcp.ack;
  return (
    `TCP: ${flagDots(tcp.controlBits)}, len: ${tcp.payloadLengthBytes}, seq: ${first}-${last}, ack: ${ack}, ` +
    `win: ${tcp.window}, src: ${tcp.sourcePort} dst: ${tcp.destinationPort}${faultNote(packet)}`
  );
}

const DOTS: readonly (readonly [number, string])[] = [
  [URG, 'U'],
  [ACK, 'A'],
  [PSH, 'P'],
  [RST, 'R'],
  [SYN, 'S'],
  [FIN, 'F'],
];

/** Control bits as `....S.`: URG ACK PSH RST SYN FIN, a dot for each that is clear. */
export function flagDots(bits: number): string {
  return DOTS.map(([bit, letter]) => (bits & bit ? letter : '.')).join('');
}

function tcpLine(ip: Outline, tcp: DecodedTcp, base: RelativeTo | null): string {
  const parts = [`${ip.source}.${tcp.sourcePort} > ${ip.destination}.${tcp.destinationPort}: Flags [${letters(tcp)}]`];
  const first = relative(tcp.seq, base?.seqBase);
  if (tcp.payloadLengthBytes > 0) parts.push(`seq ${first}:${(first + tcp.payloadLengthBytes) >>> 0}`);
  else if (tcp.flags.some((name) => name === 'SYN' || name === 'FIN' || name === 'RST')) parts.push(`seq ${first}`);
  if (tcp.flags.includes('ACK')) parts.push(`ack ${relative(tcp.ack, base?.ackBase)}`);
  parts.push(`win ${tcp.window}`);
  if (tcp.flags.includes('URG')) parts.push(`urg ${tcp.urgentPointer}`);
  if (tcp.options.length > 0) {
    parts.push(`options [${tcp.options.map((option) => optionText(option, base)).join(',')}]`);
  }
  parts.push(`length ${tcp.payloadLengthBytes}`);
  return parts.join(', ');
}

const LETTERS = { FIN: 'F', SYN: 'S', RST: 'R', PSH: 'P', ACK: '.', URG: 'U', ECE: 'E', CWR: 'W' } as const;

/** The bits that are set as letters, in the order of `LETTERS`, or "none". */
function letters(tcp: DecodedTcp): string {
  return (
    [...tcp.flags]
      .reverse()
      .map((name) => LETTERS[name])
      .join('') || 'none'
  );
}

/** One TCP option as tcpdump words it: "mss 1460", "sackOK", "TS val 1 ecr 0". */
export function optionText(option: DecodedTcpOption, base: RelativeTo | null = null): string {
  switch (option.name) {
    case 'mss':
      return `mss ${option.mssBytes}`;
    case 'window-scale':
      return `wscale ${option.shift}`;
    case 'sack-permitted':
      return 'sackOK';
    case 'timestamps':
      return `TS val ${option.tsVal} ecr ${option.tsEcr}`;
    case 'sack':
      return `sack ${option.blocks.length} ${option.blocks.map((block) => sackText(block, base)).join('')}`;
    case 'end':
      return 'eol';
    case 'nop':
      return 'nop';
    case 'unknown':
      return `unknown-${option.kind} 0x${option.hex}`;
    case 'padding':
    case 'malformed':
      return `${option.name} 0x${option.hex}`;
    default:
      return unreachable(option);
  }
}

function sackText(block: DecodedSackBlock, base: RelativeTo | null): string {
  return `{${relative(block.left, base?.ackBase)}:${relative(block.right, base?.ackBase)}}`;
}

function icmpText(icmp: DecodedIcmp): string {
  const lengthBytes = icmp.payloadLengthBytes + 8;
  if (icmp.code === 0 && (icmp.type === 8 || icmp.type === 0)) {
    const name = icmp.type === 8 ? 'echo request' : 'echo reply';
    return `ICMP ${name}, id ${icmp.identifier}, seq ${icmp.sequence}, length ${lengthBytes}`;
  }
  return `ICMP type ${icmp.type} code ${icmp.code}, length ${lengthBytes}`;
}

function icmpv6Text({ type, code, identifier, sequence, payloadLengthBytes }: DecodedIcmp): string {
  const name = ICMPV6_NAMES[type] ?? `type ${type}`;
  const isEcho = type === 128 || type === 129;
  const about = isEcho ? `, id ${identifier}, seq ${sequence}` : code === 0 ? '' : ` code ${code}`;
  return `ICMP6, ${name}${about}, length ${payloadLengthBytes + 8}`;
}

function faultNote(packet: DecodedPacket): string {
  return packet.fault === null ? '' : ` [${packet.fault.name}]`;
}

/** How far the unsigned 32-bit `number` is past `base`, modulo 2^32. */
export function relativeNumber(number: number, base: Seq): number {
  return (number - toUint32(base)) >>> 0;
}

function relative(number: number, base: Seq | undefined): number {
  return base === undefined ? number : relativeNumber(number, base);
}
