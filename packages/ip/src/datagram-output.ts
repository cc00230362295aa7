/** The way out for datagrams, of ICMP and UDP: our header in front, and cut to what their way carries. */

import { type IpAddress, isIpv4 } from '@tcpstack/wire/ip-address';
import { IPV4_DF, IPV4_HEADER_BYTES, writeIpv4 } from '@tcpstack/wire/ipv4';
import { IPV6_HEADER_BYTES, writeIpv6 } from '@tcpstack/wire/ipv6';
import type { Identifications } from './identification.ts';

/**
 * Who may cut a datagram; by Linux's `IP_MTU_DISCOVER`. 'dont': we, and over IPv4 routers too. 'want': we; routers may not
 * cut what fits into the MTU that we know. 'do': nobody.
 */
export type Discovery = 'dont' | 'want' | 'do';

/** What became of one. */
export type DatagramVerdict = 'sent' | 'no-room' | 'too-long';

/** What is needed of the host. */
export interface DatagramOutput {
  readonly counters: { sent: number };
  readonly identifications: Identifications;
}

/** Where packets go that wait for the next output. */
export interface DatagramPlace {
  /** Takes a copy of a whole packet, in fragments when it is longer than `mtuBytes`; all of it or nothing and false. */
  put(bytes: Uint8Array, at: number, end: number, mtuBytes: number, identification: number): boolean;
}

/** What the total length of IPv4 and the payload length of IPv6 can say. */
const LENGTH_MAX = 0xffff;

/**
 * Sends `bytes[at, end)`, in which room for the header is left in front (`IPV4_HEADER_BYTES` or `IPV6_HEADER_BYTES`, by
 * the family of the addresses). The bytes are borrowed for the call.
 *
 * @param mtuBytes Of the way to `destination`.
 * @param tosByte Diffserv field and ECN bits, in IPv6 the traffic class.
 */
export function sendDatagram(
  output: DatagramOutput,
  place: DatagramPlace,
  bytes: Uint8Array,
  at: number,
  end: number,
  protocol: number,
  source: Readonly<IpAddress>,
  destination: Readonly<IpAddress>,
  mtuBytes: number,
  discovery: Discovery,
  tosByte: number,
  ttlHops: number,
): DatagramVerdict {
  const is4 = isIpv4(source);
  const length = end - at;
  if (length - (is4 ? 0 : IPV6_HEADER_BYTES) > LENGTH_MAX) return 'too-long';
  const fits = length <= mtuBytes;
  if (!fits && discovery === 'do') return 'too-long';
  const id = output.identifications.next(source, destination);
  if (is4) {
    // As in Linux: what is cut here may be cut again by others, who know what comes behind them.
    const word = discovery !== 'dont' && fits ? IPV4_DF : 0;
    writeIpv4(bytes, at, length, protocol, source.w3, destination.w3, id & 0xffff, word, ttlHops, tosByte);
  } else {
    writeIpv6(bytes, at, length, protocol, source, destination, ttlHops, tosByte, 0);
  }
  if (!place.put(bytes, at, end, mtuBytes, id)) return 'no-room';
  output.counters.sent++;
  return 'sent';
}

/** Bytes of the header that goes in front of a datagram between addresses of this one's family. */
export function datagramHeadroom(address: Readonly<IpAddress>): number {
  return isIpv4(address) ? IPV4_HEADER_BYTES : IPV6_HEADER_BYTES;
}
