/** The plain objects that packets are decoded to, and what can be wrong with one. */

import type { ArpFault } from './arp.ts';
import type { DecodedArp } from './decode-arp.ts';
import type { NdpStatement } from './decode-ndp.ts';
import type { DecodedSackBlock, DecodedTcpOption } from './decode-options.ts';
import type * as Ethernet from './ethernet.ts';
import type * as Icmp from './icmp.ts';
import type * as Icmpv6 from './icmpv6.ts';
import type * as Ipv4 from './ipv4.ts';
import type * as Ipv6 from './ipv6.ts';
import type { ExtensionFault } from './ipv6-extensions.ts';
import type * as Tcp from './tcp.ts';
import type * as Udp from './udp.ts';

/** What is wrong with a packet, and in which header. */
export type DecodeFault =
  | { readonly layer: 'ethernet'; readonly name: Ethernet.EthernetFault }
  | { readonly layer: 'arp'; readonly name: ArpFault }
  | { readonly layer: 'ipv4'; readonly name: Ipv4.Ipv4Fault }
  | { readonly layer: 'ipv6'; readonly name: Ipv6.Ipv6Fault | ExtensionFault }
  | { readonly layer: 'tcp'; readonly name: Tcp.TcpFault }
  | { readonly layer: 'udp'; readonly name: Udp.UdpFault | 'bad-udp-checksum' }
  | { readonly layer: 'icmp'; readonly name: Icmp.IcmpFault }
  | { readonly layer: 'icmpv6'; readonly name: Icmpv6.Icmpv6Fault };

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

/** One extension header of an IPv6 packet. */
export interface DecodedExtension {
  /** Protocol number of this header. */
  readonly number: number;
  readonly lengthBytes: number;
  readonly hex: string;
}

/** The fragment header of an IPv6 packet. */
export interface DecodedFragment {
  /** Unsigned. */
  readonly identification: number;
  readonly offsetBytes: number;
  readonly moreFragments: boolean;
}

export interface DecodedIpv6 {
  /** "2001:db8::1" */
  readonly source: string;
  readonly destination: string;
  readonly trafficClass: number;
  readonly flowLabel: number;
  readonly payloadLengthBytes: number;
  readonly totalLengthBytes: number;
  readonly nextHeader: number;
  readonly hopLimit: number;
  /** In the order of the wire, up to the first that is damaged. */
  readonly extensions: readonly DecodedExtension[];
  readonly fragment: DecodedFragment | null;
  /** What is behind the extension headers. */
  readonly protocol: number;
  /** Bytes of this header and of the extension headers. */
  readonly headersLengthBytes: number;
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

export interface DecodedUdp {
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Of header and data. */
  readonly lengthBytes: number;
  readonly checksum: string;
  /** `null` when it cannot be known: the packet is the first fragment of several. */
  readonly checksumValid: boolean | null;
  /** Offset of the payload in the array that was decoded. */
  readonly payloadAt: number;
  /** What of it is in this packet. */
  readonly payloadLengthBytes: number;
}

/** A message of ICMP or ICMPv6. */
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
  readonly ipv6: DecodedIpv6 | null;
  readonly tcp: DecodedTcp | null;
  readonly udp: DecodedUdp | null;
  readonly icmp: DecodedIcmp | null;
  readonly icmpv6: DecodedIcmp | null;
  /** What a message of Neighbor Discovery says; nothing in others. */
  readonly ndp: readonly NdpStatement[];
}

/** An Ethernet frame and the packet in it. */
export interface DecodedFrame extends DecodedPacket {
  readonly ethernet: DecodedEthernet | null;
  readonly arp: DecodedArp | null;
  /** What follows the IP packet: filling up to Ethernet's least length, not data. */
  readonly ethernetPaddingHex: string;
}

/** A packet of which nothing could be read. */
export function nothing(fault: DecodeFault | null): DecodedPacket {
  return { fault, ipv4: null, ipv6: null, tcp: null, udp: null, icmp: null, icmpv6: null, ndp: [] };
}
