/** What a router with ECN does instead of dropping a packet (RFC 3168 §5). */

import { complement, onesSum } from '@tcpstack/wire/checksum';
import { headerBytes } from '@tcpstack/wire/ipv4';

/** The two bits of ECN; all set is "congestion experienced". */
const CE = 3;

/** Sets "congestion experienced" in the IPv4 header at `at`; false when the transport cannot understand it. */
export function markCongestion(bytes: Uint8Array, at: number): boolean {
  const field = bytes[at + 1] as number;
  if ((field & CE) === 0) return false;
  bytes[at + 1] = field | CE;
  bytes[at + 10] = 0;
  bytes[at + 11] = 0;
  const sum = complement(onesSum(bytes, at, at + headerBytes(bytes, at)));
  bytes[at + 10] = sum >> 8;
  bytes[at + 11] = sum & 0xff;
  return true;
}
