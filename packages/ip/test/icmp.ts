/** ICMP error messages for the tests of this package. */

import { complement, onesSum } from '@tcpstack/wire/checksum';
import { ICMP_HEADER_BYTES } from '@tcpstack/wire/icmp';
import { IPV4_HEADER_BYTES, PROTOCOL_ICMP } from '@tcpstack/wire/ipv4';
import { packet } from './packets.ts';

/** A message of this type and code from the peer to us that quotes `about`. */
export function errorAbout(about: Uint8Array, type: number, code = 0, word = 0): Uint8Array {
  const bytes = packet({ protocol: PROTOCOL_ICMP, payloadBytes: ICMP_HEADER_BYTES + about.length });
  bytes.set([type, code, 0, 0, word >>> 24, word >>> 16, word >>> 8, word], IPV4_HEADER_BYTES);
  bytes.set(about, IPV4_HEADER_BYTES + ICMP_HEADER_BYTES);
  const sum = complement(onesSum(bytes, IPV4_HEADER_BYTES, bytes.length));
  bytes.set([sum >> 8, sum & 0xff], IPV4_HEADER_BYTES + 2);
  return bytes;
}
