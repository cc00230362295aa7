/** The way out: our header in front of a transport's bytes. */

import { IPV4_DF, IPV4_HEADER_BYTES, writeIpv4 } from '@tcpstack/wire/ipv4';
import type { IpCounters } from './counters.ts';

/** Bytes that the IP layer wants in front of a transport header. */
export const IP_HEADROOM_BYTES = IPV4_HEADER_BYTES;
/** Linux's `ip_default_ttl`. */
export const DEFAULT_TTL_HOPS = 64;

/** Where packets come from and where the identification field is counted. */
export interface IpOutput {
  readonly address: number;
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
  destination: number,
  tosByte = 0,
  ttlHops = DEFAULT_TTL_HOPS,
): void {
  output.identification = (output.identification + 1) & 0xffff;
  output.counters.sent++;
  writeIpv4(
    bytes,
    at,
    totalBytes,
    protocol,
    output.address,
    destination,
    output.identification,
    IPV4_DF,
    ttlHops,
    tosByte,
  );
}
