/** IPv6 packets for the tests of this package, fd00::1 > fd00::2. */

import { ICMPV6_ECHO_REQUEST, writeEcho6 } from '../src/icmpv6.ts';
import { IpAddress } from '../src/ip-address.ts';
import { IPV6_HEADER_BYTES, PROTOCOL_ICMPV6, pseudoHeaderSum6, writeIpv6 } from '../src/ipv6.ts';
import { AUTHENTICATION, FRAGMENT } from '../src/ipv6-extensions.ts';
import { finishChecksum, writeUdp } from '../src/udp.ts';
import { fromHex } from './packets.ts';

export const HERE6 = new IpAddress(0xfd00_0000 | 0, 0, 0, 1);
export const THERE6 = new IpAddress(0xfd00_0000 | 0, 0, 0, 2);

export interface Packet6Fields {
  readonly protocol: number;
  readonly payload: Uint8Array;
  /**
   * Number of each extension header and, in hexadecimal, its bytes behind "next header" and "length" (or, of a fragment
   * header, behind "next header" and one reserved byte). They fill whole units.
   */
  readonly extensions?: readonly (readonly [number, string])[];
}

/** A packet with right lengths; its payload is as given. */
export function packet6({ protocol, payload, extensions = [] }: Packet6Fields): Uint8Array {
  const numbers = [...extensions.map(([number]) => number), protocol];
  const headers = extensions.map(([number, text], i) => extension(number, numbers[i + 1] as number, fromHex(text)));
  const parts = [...headers, payload];
  const total = parts.reduce((sum, { length }) => sum + length, IPV6_HEADER_BYTES);
  const bytes = new Uint8Array(total);
  writeIpv6(bytes, 0, total, numbers[0] as number, HERE6, THERE6, 64, 0, 0);
  let at = IPV6_HEADER_BYTES;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function extension(number: number, next: number, content: Uint8Array): Uint8Array {
  if (number === FRAGMENT) return Uint8Array.of(next, 0, ...content);
  const size = content.length + 2;
  return Uint8Array.of(next, number === AUTHENTICATION ? size / 4 - 2 : size / 8 - 1, ...content);
}

/** An ICMPv6 echo request with identifier 7 and number 3, its checksum for `packet6`. */
export function ping6(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + data.length);
  bytes.set(data, 8);
  writeEcho6(bytes, 0, bytes.length, ICMPV6_ECHO_REQUEST, 7, 3, pseudoHeaderSum6(HERE6, THERE6, PROTOCOL_ICMPV6));
  return bytes;
}

/** A UDP datagram 1000 > 53, its checksum for `packet6`. */
export function udp6(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + data.length);
  bytes.set(data, 8);
  writeUdp(bytes, 0, 1000, 53, bytes.length);
  finishChecksum(bytes, 0, bytes.length, pseudoHeaderSum6(HERE6, THERE6, 17));
  return bytes;
}
