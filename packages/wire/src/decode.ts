/** A packet as plain objects, for tools and tests; the packet's path reads headers in place instead. */

import { formatIpv4 } from './address.ts';
import { ARP_BYTES } from './arp.ts';
import { decodeArp } from './decode-arp.ts';
import { decodeIpv6Packet } from './decode-ipv6.ts';
import { decodeCarried } from './decode-transport.ts';
import { type DecodedEthernet, type DecodedFrame, type DecodedIpv4, type DecodedPacket, nothing } from './decoded.ts';
import * as Ethernet from './ethernet.ts';
import { hex, hexBytes } from './hex.ts';
import * as Ipv4 from './ipv4.ts';

export { flagNames, TCP_FLAG_NAMES } from './decode-transport.ts';
export type {
  DecodedEthernet,
  DecodedExtension,
  DecodedFragment,
  DecodedFrame,
  DecodedIcmp,
  DecodedIpv4,
  DecodedIpv6,
  DecodedPacket,
  DecodedTcp,
  DecodedUdp,
  DecodeFault,
  TcpFlagName,
} from './decoded.ts';

const DECODERS: ReadonlyMap<number, typeof decodeIpv4Packet> = new Map([
  [Ethernet.ETHERTYPE_IPV4, decodeIpv4Packet],
  [Ethernet.ETHERTYPE_IPV6, decodeIpv6Packet],
]);

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
  if (Ethernet.etherType(bytes, at) === Ethernet.ETHERTYPE_ARP) return arpFrame(ethernet, bytes, at, end);
  const decode = DECODERS.get(Ethernet.etherType(bytes, at));
  if (decode === undefined) return frame(ethernet, nothing(null));
  const packetAt = at + Ethernet.ETHERNET_HEADER_BYTES;
  const packet = decode(bytes, packetAt, end);
  const ip = packet.ipv4 ?? packet.ipv6;
  const packetEnd = ip === null ? end : packetAt + ip.totalLengthBytes;
  return frame(ethernet, packet, hexBytes(bytes, packetEnd, end));
}

function frame(ethernet: DecodedEthernet | null, packet: DecodedPacket, ethernetPaddingHex = ''): DecodedFrame {
  return { ...packet, ethernet, arp: null, ethernetPaddingHex };
}

function arpFrame(ethernet: DecodedEthernet, bytes: Uint8Array, at: number, end: number): DecodedFrame {
  const arpAt = at + Ethernet.ETHERNET_HEADER_BYTES;
  const arp = decodeArp(bytes, arpAt, end);
  if (typeof arp === 'string') return frame(ethernet, nothing({ layer: 'arp', name: arp }));
  return { ...frame(ethernet, nothing(null), hexBytes(bytes, arpAt + ARP_BYTES, end)), arp };
}

/** Decodes the packet `bytes[at, end)`, IPv6 when it says so and IPv4 otherwise. Never throws. */
export function decodePacket(bytes: Uint8Array, at = 0, end = bytes.length): DecodedPacket {
  return end > at && (bytes[at] as number) >> 4 === 6
    ? decodeIpv6Packet(bytes, at, end)
    : decodeIpv4Packet(bytes, at, end);
}

function decodeIpv4Packet(bytes: Uint8Array, at: number, end: number): DecodedPacket {
  const fault = Ipv4.checkIpv4(bytes, at, end);
  if (fault !== null && fault !== 'bad-header-checksum') return nothing({ layer: 'ipv4', name: fault });
  const ipv4 = decodeIpv4(bytes, at, fault === null);
  const inner = decodeCarried(bytes, {
    version: 4,
    protocol: ipv4.protocol,
    from: at + ipv4.headerLengthBytes,
    to: at + ipv4.totalLengthBytes,
    fragmentOffsetBytes: ipv4.fragmentOffsetBytes,
    moreFragments: ipv4.moreFragments,
    pseudoSum: Ipv4.pseudoHeaderSum(Ipv4.source(bytes, at), Ipv4.destination(bytes, at), ipv4.protocol),
  });
  return { ...inner, ipv4, fault: fault === null ? inner.fault : { layer: 'ipv4', name: fault } };
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
