/** An IPv6 packet as plain objects: its header, its extension headers, and what it carries. */

import { decodeCarried } from './decode-transport.ts';
import { type DecodedExtension, type DecodedIpv6, type DecodedPacket, nothing } from './decoded.ts';
import { hexBytes } from './hex.ts';
import { formatIpv6, IpAddress } from './ip-address.ts';
import * as Ipv6 from './ipv6.ts';
import * as Extensions from './ipv6-extensions.ts';

/** Decodes the IPv6 packet `bytes[at, end)`. Never throws. */
export function decodeIpv6Packet(bytes: Uint8Array, at: number, end: number): DecodedPacket {
  const fault = Ipv6.checkIpv6(bytes, at, end);
  if (fault !== null) return nothing({ layer: 'ipv6', name: fault });
  const to = at + Ipv6.totalLength(bytes, at);
  const chain = Extensions.createExtensionChain();
  let extensionFault = Extensions.walkExtensions(bytes, at, chain);
  const fragment = fragmentOf(bytes, chain.fragmentAt);
  if (extensionFault === null && fragment?.offsetBytes === 0) {
    extensionFault = Extensions.walkOn(bytes, at, to, chain.protocol, chain.transportAt, chain.namedAt, chain);
  }
  const ipv6 = decodeIpv6(bytes, at, to, chain, fragment);
  if (extensionFault !== null) return { ...nothing({ layer: 'ipv6', name: extensionFault }), ipv6 };
  const inner = decodeCarried(bytes, {
    version: 6,
    protocol: chain.protocol,
    from: chain.transportAt,
    to,
    fragmentOffsetBytes: fragment?.offsetBytes ?? 0,
    moreFragments: fragment?.moreFragments ?? false,
    pseudoSum: Ipv6.pseudoHeaderSumAt(bytes, at, chain.protocol),
  });
  return { ...inner, ipv6 };
}

function fragmentOf(bytes: Uint8Array, fragmentAt: number): DecodedIpv6['fragment'] {
  if (fragmentAt === 0) return null;
  return {
    identification: Extensions.fragmentId(bytes, fragmentAt) >>> 0,
    offsetBytes: Extensions.fragmentOffsetBytes(bytes, fragmentAt),
    moreFragments: Extensions.moreFragments(bytes, fragmentAt),
  };
}

function decodeIpv6(
  bytes: Uint8Array,
  at: number,
  end: number,
  chain: Extensions.ExtensionChain,
  fragment: DecodedIpv6['fragment'],
): DecodedIpv6 {
  const address = new IpAddress();
  Ipv6.readSource(bytes, at, address);
  const source = formatIpv6(address);
  Ipv6.readDestination(bytes, at, address);
  return {
    source,
    destination: formatIpv6(address),
    trafficClass: Ipv6.trafficClass(bytes, at),
    flowLabel: Ipv6.flowLabel(bytes, at),
    payloadLengthBytes: Ipv6.payloadLength(bytes, at),
    totalLengthBytes: Ipv6.totalLength(bytes, at),
    nextHeader: Ipv6.nextHeader(bytes, at),
    hopLimit: Ipv6.hopLimit(bytes, at),
    extensions: listExtensions(bytes, at, Math.min(chain.transportAt, end)),
    fragment,
    protocol: chain.protocol,
    headersLengthBytes: chain.transportAt - at,
  };
}

/** The headers that were walked over, which end at `end`. */
function listExtensions(bytes: Uint8Array, at: number, end: number): DecodedExtension[] {
  const list: DecodedExtension[] = [];
  let number = Ipv6.nextHeader(bytes, at);
  for (let i = at + Ipv6.IPV6_HEADER_BYTES; i < end; ) {
    const lengthBytes = Extensions.extensionBytes(bytes, i, end, number);
    list.push({ number, lengthBytes, hex: hexBytes(bytes, i, i + lengthBytes) });
    number = bytes[i] as number;
    i += lengthBytes;
  }
  return list;
}
