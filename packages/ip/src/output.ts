/** The way out: our header in front of a transport's bytes. */

import type { IpAddress } from '@tcpstack/wire/ip-address';
import { IPV4_DF, IPV4_HEADER_BYTES, writeIpv4 } from '@tcpstack/wire/ipv4';
import type { IpCounters } from './counters.ts';

/** Bytes that the IP layer wants in front of a transport header. */
export const IP_HEADROOM_BYTES = IPV4_HEADER_BYTES;
/** Linux's `ip_default_ttl`. */
export const DEFAULT_TTL_HOPS = 64;

/** Where the identification field is counted. */
export interface IpOutput {
  identification: number;
  readonly counters: IpCounters;
}

/**
 * Writes the header of a packet of `totalBytes` at `bytes[at...]`; the transport's bytes stand behind it.
 *
 * Packets leave with DF, as Linux sends TCP, for path MTU discovery (RFC 1191).
 *
 * @param tosByte Diffserv field and ECN bits.
 */
export function writeHeader(
  output: IpOutput,
  bytes: Uint8Array,
  at: number,
  totalBytes: number,
  protocol: number,
  source: Readonly<IpAddress>,
  destination: Readonly<IpAddress>,
  tosByte = 0,
  ttlHops = DEFAULT_TTL_HOPS,
): void {
  output.identification = (output.identification + 1) & 0xffff;
  output.counters.sent++;
  const id = output.identification;
  writeIpv4(bytes, at, totalBytes, protocol, source.w3, destination.w3, id, IPV4_DF, ttlHops, tosByte);
}
