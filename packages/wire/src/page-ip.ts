/** The lines of a page that show the headers of IPv4 and IPv6. */

import { parseIpv4 } from './address.ts';
import type { DecodedExtension, DecodedFragment, DecodedIpv4, DecodedIpv6 } from './decode.ts';
import { hex } from './hex.ts';
import { named, number, plural, verdict } from './page-text.ts';

const PROTOCOL_NAMES: Readonly<Record<number, string>> = {
  0: 'hop-by-hop options',
  1: 'ICMP',
  6: 'TCP',
  17: 'UDP',
  43: 'routing',
  44: 'fragment',
  51: 'authentication',
  58: 'ICMPv6',
  59: 'nothing',
  60: 'destination options',
};

/** Every field of an IPv4 header on a line. */
export function ipv4Lines(ip: DecodedIpv4): string[] {
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

function addressHex(text: string): string {
  return hex((parseIpv4(text) as number) >>> 0, 8);
}

/** Every field of an IPv6 header on a line, then its extension headers. */
export function ipv6Lines(ip: DecodedIpv6): string[] {
  return [
    'IP: Version = 6 (0x6)',
    `IP: Differentiated Services and ECN = ${number(ip.trafficClass, 2)}`,
    `IP: Flow Label = ${number(ip.flowLabel, 5)}`,
    `IP: Payload Length = ${plural(ip.payloadLengthBytes)} (${hex(ip.payloadLengthBytes, 4)})`,
    `IP: Next Header = ${number(ip.nextHeader, 2)}${named(PROTOCOL_NAMES, ip.nextHeader)}`,
    `IP: Hop Limit = ${number(ip.hopLimit, 2)}`,
    `IP: Source Address = ${ip.source}`,
    `IP: Destination Address = ${ip.destination}`,
    ...ip.extensions.map(extensionLine),
    ...(ip.fragment === null ? [] : fragmentLines(ip.fragment)),
    ...(ip.extensions.length === 0
      ? []
      : [`IP: Upper Layer = ${number(ip.protocol, 2)}${named(PROTOCOL_NAMES, ip.protocol)}`]),
  ];
}

function extensionLine({ number: kind, lengthBytes, hex: content }: DecodedExtension): string {
  return `IP: Extension Header = ${number(kind, 2)}${named(PROTOCOL_NAMES, kind)}, ${plural(lengthBytes)} (0x${content})`;
}

function fragmentLines({ identification, offsetBytes, moreFragments }: DecodedFragment): string[] {
  return [
    `IP: Identification = ${number(identification, 8)}`,
    `IP:   ${moreFragments ? '1 = more fragments follow' : '0 = last fragment'}`,
    `IP: Fragment Offset = ${plural(offsetBytes)} (${hex(offsetBytes, 4)})`,
  ];
}
