/** Completes a packet whose checksum was left to the link, so that a capture of it can be checked. */

import { complement, fold, onesSum } from './checksum.ts';
import {
  checkIpv4,
  destination,
  headerBytes,
  isFragment,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  protocol,
  pseudoHeaderSum,
  source,
  totalLength,
} from './ipv4.ts';
import { putU16 } from './octets.ts';
import { checkTcp, finishChecksum } from './tcp.ts';

const UDP_HEADER_BYTES = 8;

/**
 * Writes the whole TCP (or UDP) checksum into the IPv4 packet `bytes[at, end)`, marked
 * `PKT_CSUM_PARTIAL`. A super-segment is summed as the one packet that it is.
 *
 * @returns Whether the packet now carries one; a fragment, a damaged packet or another protocol is left
 *   as it is.
 */
export function finishPacket(bytes: Uint8Array, at: number, end: number): boolean {
  if (checkIpv4(bytes, at, end) !== null || isFragment(bytes, at)) return false;
  const from = at + headerBytes(bytes, at);
  const to = at + totalLength(bytes, at);
  const protocolNumber = protocol(bytes, at);
  const pseudo = pseudoHeaderSum(source(bytes, at), destination(bytes, at), protocolNumber);
  if (protocolNumber === PROTOCOL_TCP && checkTcp(bytes, from, to) === null) {
    finishChecksum(bytes, from, to, pseudo);
    return true;
  }
  if (protocolNumber === PROTOCOL_UDP && to - from >= UDP_HEADER_BYTES) {
    putU16(bytes, from + 6, 0);
    const sum = complement(fold(pseudo + (to - from) + onesSum(bytes, from, to)));
    // "If the computed checksum is zero, it is transmitted as all ones" — RFC 768
    putU16(bytes, from + 6, sum === 0 ? 0xffff : sum);
    return true;
  }
  return false;
}
