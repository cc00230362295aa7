/** A packet as plain objects, for tools and tests; the packet's path reads headers in place instead. */

import { toUint32 } from '@tcpstack/seq/seq';
import { formatIpv4 } from './address.ts';
import { type DecodedSackBlock, type DecodedTcpOption, decodeTcpOptions } from './decode-options.ts';
import * as Ethernet from './ethernet.ts';
import { hex, hexBytes } from './hex.ts';
import * as Icmp from './icmp.ts';
import * as Ipv4 from './ipv4.ts';
import * as Tcp from './tcp.ts';
import { createTcpOptions, readTcpOptions } from './tcp-options.ts';

/** What is wrong with a packet, and in which header. */
export type DecodeFault =
  | { readonly layer: 'ethernet'; readonly name: Ethernet.EthernetFault }
  | { readonly layer: 'ipv4'; readonly name: Ipv4.Ipv4Fault }
  | { readonly layer: 'tcp'; readonly name: Tcp.TcpFault }
  | { readonly layer: 'icmp'; readonly name: Icmp.IcmpFault };

export interface DecodedEthernet {
  /** "02:60:8c:9e:18:8b" */
  readonly destination: string;
  readonly source: string;
  /** "0x0800" */
  readonly etherType: string;
}

export interface DecodedIpv4 {
  /** "192.0.2.1" */
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  readonly ttl: number;
  readonly tos: number;
  readonly identification: number;
  readonly dontFragment: boolean;
  readonly moreFragments: boolean;
  readonly fragmentOffsetBytes: number;
  readonly headerLengthBytes: number;
  readonly totalLengthBytes: number;
  /** "0xe14b" */
  readonly headerChecksum: string;
  readonly checksumValid: boolean;
  readonly optionsHex: string;
}

/** A control bit by its name. */
export type TcpFlagName = 'CWR' | 'ECE' | 'URG' | 'ACK' | 'PSH' | 'RST' | 'SYN' | 'FIN';

export interface DecodedTcp {
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Sequence numbers are unsigned 32-bit numbers here. */
  readonly seq: number;
  readonly ack: number;
  readonly dataOffsetBytes: number;
  readonly reserved: number;
  /** The bits that are set, in the order of the header. */
  readonly flags: readonly TcpFlagName[];
  /** The same as the byte in the header. */
  readonly controlBits: number;
  /** The window field, before scaling. */
  readonly window: number;
  /** "0xf213" */
  readonly checksum: string;
  /** `null` when it cannot be known: the packet is the first fragment of several. */
  readonly checksumValid: boolean | null;
  readonly urgentPointer: number;
  readonly optionsHex: string;
  readonly options: readonly DecodedTcpOption[];
  readonly mssBytes: number | null;
  readonly windowScale: number | null;
  readonly sackPermitted: boolean;
  readonly timestamps: { readonly tsVal: number; readonly tsEcr: number } | null;
  readonly sackBlocks: readonly DecodedSackBlock[];
  /** Offset of the payload in the array that was decoded. */
  readonly payloadAt: number;
  readonly payloadLengthBytes: number;
}

export interface DecodedIcmp {
  readonly type: number;
  readonly code: number;
  readonly checksum: string;
  readonly checksumValid: boolean;
  /** Identifier and sequence number of an echo; other types use these bytes otherwise. */
  readonly identifier: number;
  readonly sequence: number;
  readonly payloadLengthBytes: number;
}

/** An IP packet. Headers that are absent, or too damaged to read, are `null`. */
export interface DecodedPacket {
  /** The first fault met, or `null`. A wrong checksum is a fault, and the header is still shown. */
  readonly fault: DecodeFault | null;
  readonly ipv4: DecodedIpv4 | null;
  readonly tcp: DecodedTcp | null;
  readonly icmp: DecodedIcmp | null;
}

/** An Ethernet frame and the packet in it. */
export interface DecodedFrame extends DecodedPacket {
  readonly ethernet: DecodedEthernet | null;
  /** What follows the IP packet: filling up to Ethernet's least length, not data. */
  readonly ethernetPaddingHex: string;
}

/** Names of the control bits, most significant first. */
export const TCP_FLAG_NAMES: readonly TcpFlagName[] = ['CWR', 'ECE', 'URG', 'ACK', 'PSH', 'RST', 'SYN', 'FIN'];

/** Decodes the Ethernet frame `bytes[at, end)`, without its frame check sequence. Never throws. */
export function decodeFrame(bytes: Uint8Array, at = 0, end = bytes.length): DecodedFrame {
  const fault = Ethernet.checkEthernet(bytes, at, end);
  if (fault === 'short-frame') return frame(null, nothing({ layer: 'ethernet', name: fault }));
  const ethernet: DecodedEthernet = {
    destination: Ethernet.formatMac(Ethernet.destination(bytes, at)),
    source: Ethernet.formatMac(Ethernet.source(bytes, at)),
    etherType: hex(Ethernet.etherType(bytes, at), 4),
  };
  if (fault !== null) return frame(ethernet, nothing({ layer: 'ethernet', name: fault }));
  if (Ethernet.etherType(bytes, at) !== Ethernet.ETHERTYPE_IPV4) return frame(ethernet, nothing(null));
  const packetAt = at + Ethernet.ETHERNET_HEADER_BYTES;
  const packet = decodePacket(bytes, packetAt, end);
  const packetEnd = packet.ipv4 === null ? end : packetAt + packet.ipv4.totalLengthBytes;
  return frame(ethernet, packet, hexBytes(bytes, packetEnd, end));
}

function frame(ethernet: DecodedEthernet | null, packet: DecodedPacket, ethernetPaddingHex = ''): DecodedFrame {
  return { ...packet, ethernet, ethernetPaddingHex };
}

/** Decodes the IPv4 packet `bytes[at, end)`. Never throws. */
export function decodePacket(bytes: Uint8Array, at = 0, end = bytes.length): DecodedPacket {
  const fault = Ipv4.checkIpv4(bytes, at, end);
  if (fault !== null && fault !== 'bad-header-checksum') return nothing({ layer: 'ipv4', name: fault });
  const ipv4 = decodeIpv4(bytes, at, fault === null);
  const inner = decodeCarried(bytes, at, ipv4);
  return { ...inner, ipv4, fault: fault === null ? inner.fault : { layer: 'ipv4', name: fault } };
}

/** What the packet at `at` carries. Of a fragment only a TCP header can be told, and only of the first. */
function decodeCarried(bytes: Uint8Array, at: number, ipv4: DecodedIpv4): DecodedPacket {
  const from = at + ipv4.headerLengthBytes;
  const to = at + ipv4.totalLengthBytes;
  if (ipv4.fragmentOffsetBytes > 0) return nothing(null);
  if (ipv4.protocol === Ipv4.PROTOCOL_TCP) {
    return decodeTcp(bytes, from, to, ipv4.moreFragments ? null : pseudoSum(bytes, at));
  }
  if (ipv4.protocol === Ipv4.PROTOCOL_ICMP && !ipv4.moreFragments) return decodeIcmp(bytes, from, to);
  return nothing(null);
}

function nothing(fault: DecodeFault | null): DecodedPacket {
  return { fault, ipv4: null, tcp: null, icmp: null };
}

function pseudoSum(bytes: Uint8Array, at: number): number {
  return Ipv4.pseudoHeaderSum(Ipv4.source(bytes, at), Ipv4.destination(bytes, at), Ipv4.protocol(bytes, at));
}

function decodeIpv4(bytes: Uint8Array, at: number, checksumValid: boolean): DecodedIpv4 {
  const headerLengthBytes = Ipv4.headerBytes(bytes, at);
  const fragment = Ipv4.fragment(bytes, at);
  return {
    source: formatIpv4(Ipv4.source(bytes, at)),
    destination: formatIpv4(Ipv4.destination(bytes, at)),
    protocol: Ipv4.protocol(bytes, at),
    ttl: Ipv4.ttl(bytes, at),
    tos: Ipv4.tos(bytes, at),
    identification: Ipv4.identification(bytes, at),
    dontFragment: (fragment & Ipv4.IPV4_DF) !== 0,
    moreFragments: (fragment & Ipv4.IPV4_MF) !== 0,
    fragmentOffsetBytes: (fragment & 0x1fff) * 8,
    headerLengthBytes,
    totalLengthBytes: Ipv4.totalLength(bytes, at),
    headerChecksum: hex(Ipv4.headerChecksum(bytes, at), 4),
    checksumValid,
    optionsHex: hexBytes(bytes, at + Ipv4.IPV4_HEADER_BYTES, at + headerLengthBytes),
  };
}

/** @param pseudo Sum of the pseudo-header, or `null` when the segment is not all here. */
function decodeTcp(bytes: Uint8Array, at: number, end: number, pseudo: number | null): DecodedPacket {
  const fault = Tcp.checkTcp(bytes, at, end);
  if (fault !== null) return nothing({ layer: 'tcp', name: fault });
  const checksumValid = pseudo === null ? null : Tcp.checksumValid(bytes, at, end, pseudo);
  const dataOffsetBytes = Tcp.dataOffsetBytes(bytes, at);
  const optionsAt = at + Tcp.TCP_HEADER_BYTES;
  const payloadAt = at + dataOffsetBytes;
  const read = createTcpOptions();
  readTcpOptions(bytes, optionsAt, payloadAt, read);
  const options = decodeTcpOptions(bytes, optionsAt, payloadAt);
  const tcp: DecodedTcp = {
    sourcePort: Tcp.sourcePort(bytes, at),
    destinationPort: Tcp.destinationPort(bytes, at),
    seq: toUint32(Tcp.sequence(bytes, at)),
    ack: toUint32(Tcp.acknowledgment(bytes, at)),
    dataOffsetBytes,
    reserved: Tcp.reserved(bytes, at),
    flags: flagNames(Tcp.flags(bytes, at)),
    controlBits: Tcp.flags(bytes, at),
    window: Tcp.windowRaw(bytes, at),
    checksum: hex(Tcp.checksum(bytes, at), 4),
    checksumValid,
    urgentPointer: Tcp.urgentPointer(bytes, at),
    optionsHex: hexBytes(bytes, optionsAt, payloadAt),
    options,
    mssBytes: read.mssBytes < 0 ? null : read.mssBytes,
    windowScale: read.windowScale < 0 ? null : read.windowScale,
    sackPermitted: read.sackPermitted,
    timestamps: read.hasTimestamps ? { tsVal: toUint32(read.tsVal), tsEcr: toUint32(read.tsEcr) } : null,
    sackBlocks: options.flatMap((option) => (option.name === 'sack' ? option.blocks : [])),
    payloadAt,
    payloadLengthBytes: end - payloadAt,
  };
  return { ...nothing(checksumValid === false ? { layer: 'tcp', name: 'bad-checksum' } : null), tcp };
}

function decodeIcmp(bytes: Uint8Array, at: number, end: number): DecodedPacket {
  const fault = Icmp.checkIcmp(bytes, at, end);
  if (fault === 'short-message') return nothing({ layer: 'icmp', name: fault });
  const icmp: DecodedIcmp = {
    type: Icmp.type(bytes, at),
    code: Icmp.code(bytes, at),
    checksum: hex(Icmp.checksum(bytes, at), 4),
    checksumValid: fault === null,
    identifier: Icmp.identifier(bytes, at),
    sequence: Icmp.sequence(bytes, at),
    payloadLengthBytes: end - at - Icmp.ICMP_HEADER_BYTES,
  };
  return { ...nothing(fault === null ? null : { layer: 'icmp', name: fault }), icmp };
}

/** The names of the bits set in `bits`, in the order of the header. */
export function flagNames(bits: number): TcpFlagName[] {
  return TCP_FLAG_NAMES.filter((_, i) => (bits & (0x80 >> i)) !== 0);
}
