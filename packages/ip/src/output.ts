/** The way out: our header in front of a transport's bytes. */

import { type IpAddress, isIpv4 } from '@tcpstack/wire/ip-address';
import { IPV4_DF, IPV4_HEADER_BYTES, writeIpv4 } from '@tcpstack/wire/ipv4';
import { IPV6_HEADER_BYTES, writeIpv6 } from '@tcpstack/wire/ipv6';
import type { IpCounters } from './counters.ts';

/** Linux's `ip_default_ttl` and `hop_limit`. */
export const DEFAULT_TTL_HOPS = 64;

/** The same as they are set now: hops of packets for which nobody says more. */
export interface HopSettings {
  readonly defaultTtlHops: number;
  readonly defaultHopLimit: number;
}

/** Linux's values. */
export const HOP_DEFAULTS: HopSettings = { defaultTtlHops: DEFAULT_TTL_HOPS, defaultHopLimit: DEFAULT_TTL_HOPS };

/** Where the identification field is counted. */
export interface IpOutput {
  identification: number;
  readonly counters: IpCounters;
}

/** Bytes that the IP layer wants in front of the transport header of a packet between addresses of this one's family. */
export function headroomFor(address: Readonly<IpAddress>): number {
  return isIpv4(address) ? IPV4_HEADER_BYTES : IPV6_HEADER_BYTES;
}

/**
 * Writes the header of a packet of `totalBytes` at `bytes[at...]`; the transport's bytes stand behind it.
 *
 * IPv4 packets leave with DF, as Linux sends TCP, for path MTU discovery (RFC 1191).
 *
 * @param tosByte Diffserv field and ECN bits, in IPv6 the traffic class.
 * @param flowLabel Of IPv6 only (RFC 6437).
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
  flowLabel = 0,
  maySplit = false,
): void {
  output.counters.sent++;
  if (!isIpv4(source)) {
    writeIpv6(bytes, at, totalBytes, protocol, source, destination, ttlHops, tosByte, flowLabel);
    return;
  }
  output.identification = (output.identification + 1) & 0xffff;
  const id = output.identification;
  writeIpv4(bytes, at, totalBytes, protocol, source.w3, destination.w3, id, maySplit ? 0 : IPV4_DF, ttlHops, tosByte);
}
