/** Completes a packet whose checksum was left to the link, so that a capture of it can be checked. */

import * as Icmpv6 from './icmpv6.ts';
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
import * as Ipv6 from './ipv6.ts';
import { createExtensionChain, walkExtensions } from './ipv6-extensions.ts';
import * as Tcp from './tcp.ts';
import * as Udp from './udp.ts';

const chain = createExtensionChain();

/**
 * Writes the whole TCP (or UDP, or ICMPv6) checksum into the packet `bytes[at, end)`, marked
 * `PKT_CSUM_PARTIAL`. A super-segment is summed as the one packet that it is.
 *
 * @returns Whether the packet now carries one; a fragment, a damaged packet or another protocol is left
 *   as it is.
 */
export function finishPacket(bytes: Uint8Array, at: number, end: number): boolean {
  if (end > at && (bytes[at] as number) >> 4 === 6) return finishIpv6(bytes, at, end);
  if (checkIpv4(bytes, at, end) !== null || isFragment(bytes, at)) return false;
  const from = at + headerBytes(bytes, at);
  const to = at + totalLength(bytes, at);
  const protocolNumber = protocol(bytes, at);
  const pseudo = pseudoHeaderSum(source(bytes, at), destination(bytes, at), protocolNumber);
  return finishCarried(bytes, from, to, protocolNumber, pseudo);
}

function finishIpv6(bytes: Uint8Array, at: number, end: number): boolean {
  if (Ipv6.checkIpv6(bytes, at, end) !== null || walkExtensions(bytes, at, chain) !== null) return false;
  if (chain.fragmentAt !== 0) return false;
  const { protocol: carried, transportAt } = chain;
  const to = at + Ipv6.totalLength(bytes, at);
  const pseudo = Ipv6.pseudoHeaderSumAt(bytes, at, carried);
  if (carried === Ipv6.PROTOCOL_ICMPV6 && to - transportAt >= Icmpv6.ICMPV6_HEADER_BYTES) {
    Icmpv6.finishIcmpv6(bytes, transportAt, to, pseudo);
    return true;
  }
  return finishCarried(bytes, transportAt, to, carried, pseudo);
}

function finishCarried(bytes: Uint8Array, from: number, to: number, carried: number, pseudo: number): boolean {
  if (carried === PROTOCOL_TCP && Tcp.checkTcp(bytes, from, to) === null) {
    Tcp.finishChecksum(bytes, from, to, pseudo);
    return true;
  }
  if (carried === PROTOCOL_UDP && Udp.checkUdp(bytes, from, to) === null) {
    Udp.finishChecksum(bytes, from, from + Udp.lengthBytes(bytes, from), pseudo);
    return true;
  }
  return false;
}
