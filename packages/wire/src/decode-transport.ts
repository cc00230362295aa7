/** TCP, UDP and ICMP as plain objects: what is behind the IP header. */

import { toUint32 } from '@tcpstack/seq/seq';
import { decodeNdp } from './decode-ndp.ts';
import { decodeTcpOptions } from './decode-options.ts';
import { type DecodedIcmp, type DecodedPacket, type DecodedTcp, nothing, type TcpFlagName } from './decoded.ts';
import { hex, hexBytes } from './hex.ts';
import * as Icmp from './icmp.ts';
import * as Icmpv6 from './icmpv6.ts';
import * as Ipv4 from './ipv4.ts';
import { PROTOCOL_ICMPV6 } from './ipv6.ts';
import * as Tcp from './tcp.ts';
import { createTcpOptions, readTcpOptions } from './tcp-options.ts';
import * as Udp from './udp.ts';

/** Names of the control bits, most significant first. */
export const TCP_FLAG_NAMES: readonly TcpFlagName[] = ['CWR', 'ECE', 'URG', 'ACK', 'PSH', 'RST', 'SYN', 'FIN'];

/** What an IP packet carries, and where. */
export interface Carried {
  readonly version: 4 | 6;
  readonly protocol: number;
  readonly from: number;
  readonly to: number;
  readonly fragmentOffsetBytes: number;
  readonly moreFragments: boolean;
  readonly pseudoSum: number;
}

/** What is carried. Of a fragment only the header of TCP or UDP can be told, and only of the first. */
export function decodeCarried(bytes: Uint8Array, carried: Carried): DecodedPacket {
  const { version, protocol, from, to, moreFragments } = carried;
  if (carried.fragmentOffsetBytes > 0) return nothing(null);
  const pseudo = moreFragments ? null : carried.pseudoSum;
  if (protocol === Ipv4.PROTOCOL_TCP) return decodeTcp(bytes, from, to, pseudo);
  if (protocol === Ipv4.PROTOCOL_UDP) return decodeUdp(bytes, from, to, pseudo, version);
  if (pseudo === null) return nothing(null);
  if (version === 4 && protocol === Ipv4.PROTOCOL_ICMP) return decodeIcmp(bytes, from, to);
  if (version === 6 && protocol === PROTOCOL_ICMPV6) return decodeIcmpv6(bytes, from, to, pseudo);
  return nothing(null);
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

function decodeUdp(bytes: Uint8Array, at: number, end: number, pseudo: number | null, version: 4 | 6): DecodedPacket {
  // A first fragment does not hold the whole length.
  const fault = Udp.checkUdp(bytes, at, end);
  if (fault === 'short-datagram' || (fault !== null && pseudo !== null)) return nothing({ layer: 'udp', name: fault });
  const checksumValid = pseudo === null ? null : Udp.checksumValid(bytes, at, pseudo, version);
  const lengthBytes = Udp.lengthBytes(bytes, at);
  const udp = {
    sourcePort: Udp.sourcePort(bytes, at),
    destinationPort: Udp.destinationPort(bytes, at),
    lengthBytes,
    checksum: hex(Udp.checksum(bytes, at), 4),
    checksumValid,
    payloadAt: at + Udp.UDP_HEADER_BYTES,
    payloadLengthBytes: (pseudo === null ? end - at : lengthBytes) - Udp.UDP_HEADER_BYTES,
  };
  return { ...nothing(checksumValid === false ? { layer: 'udp', name: 'bad-udp-checksum' } : null), udp };
}

function decodeIcmp(bytes: Uint8Array, at: number, end: number): DecodedPacket {
  const fault = Icmp.checkIcmp(bytes, at, end);
  const wrong = fault === null ? null : ({ layer: 'icmp', name: fault } as const);
  return fault === 'short-message'
    ? nothing(wrong)
    : { ...nothing(wrong), icmp: decodeMessage(bytes, at, end, fault === null) };
}

function decodeIcmpv6(bytes: Uint8Array, at: number, end: number, pseudo: number): DecodedPacket {
  const fault = Icmpv6.checkIcmpv6(bytes, at, end, pseudo);
  const wrong = fault === null ? null : ({ layer: 'icmpv6', name: fault } as const);
  return fault === 'short-message'
    ? nothing(wrong)
    : { ...nothing(wrong), icmpv6: decodeMessage(bytes, at, end, fault === null), ndp: decodeNdp(bytes, at, end) };
}

/** Both families have the same fields in the same places. */
function decodeMessage(bytes: Uint8Array, at: number, end: number, checksumValid: boolean): DecodedIcmp {
  return {
    type: Icmp.type(bytes, at),
    code: Icmp.code(bytes, at),
    checksum: hex(Icmp.checksum(bytes, at), 4),
    checksumValid,
    identifier: Icmp.identifier(bytes, at),
    sequence: Icmp.sequence(bytes, at),
    payloadLengthBytes: end - at - Icmp.ICMP_HEADER_BYTES,
  };
}

/** The names of the bits set in `bits`, in the order of the header. */
export function flagNames(bits: number): TcpFlagName[] {
  return TCP_FLAG_NAMES.filter((_, i) => (bits & (0x80 >> i)) !== 0);
}
