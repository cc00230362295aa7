/** A fragment on the way in: put to the others, and gone on with as soon as they are a packet. */

import { PROTOCOL_TCP, PROTOCOL_UDP } from '@tcpstack/wire/ipv4';
import { NO_NEXT_HEADER, PROTOCOL_ICMPV6 } from '@tcpstack/wire/ipv6';
import { type ExtensionChain, fragmentOffsetBytes, moreFragments, walkOn } from '@tcpstack/wire/ipv6-extensions';
import type { IpPacket } from './packet.ts';
import type { Reassembly } from './reassembly.ts';
import { setProblem, type Trouble } from './trouble.ts';

/** What is needed of the way in. */
export interface JoinInput {
  readonly nowMs: number;
  readonly fragments: Reassembly;
  /** What the walk over the extension headers of the packet said. */
  readonly chain: ExtensionChain;
  readonly trouble: Trouble;
}

/**
 * Takes an IPv4 packet that is a fragment.
 *
 * @returns Whether `fragments.whole` is a packet now, to be read in its place.
 */
export function joinIpv4({ nowMs, fragments }: JoinInput, packet: IpPacket): boolean {
  return fragments.takeIpv4(nowMs, packet) === 'whole';
}

/** What became of an IPv6 packet with a fragment header. */
export type JoinVerdict =
  /** It was no fragment at all: `chain` goes on behind its fragment header. */
  | 'atomic'
  /** `fragments.whole` is a packet now, to be read in its place. */
  | 'whole'
  | 'held'
  /** Its headers are damaged. */
  | 'refused';

/** Takes an IPv6 packet whose walk ended at a fragment header. */
export function joinIpv6(input: JoinInput, packet: IpPacket): JoinVerdict {
  const { nowMs, fragments, chain, trouble } = input;
  const { bytes, at, end } = packet;
  const { fragmentAt, fragmentNamedAt } = chain;
  const isFirst = fragmentOffsetBytes(bytes, fragmentAt) === 0;
  const fault = isFirst ? walkOn(bytes, at, end, chain.protocol, chain.transportAt, chain.namedAt, chain) : null;
  if (isFirst && !moreFragments(bytes, fragmentAt)) {
    // "If the fragment is a whole datagram (that is, both the Fragment Offset field and the M flag are zero), then it does
    // not need any further reassembly and should be processed as a fully reassembled packet" — RFC 8200 §4.5, RFC 6946
    return fault === null && chain.fragmentAt === fragmentAt ? 'atomic' : 'refused';
  }
  const isChainWhole = fault !== 'short-extension' && hasUpperHeader(chain, end);
  // Whatever else is wrong in the headers of a first fragment is told when the packet is whole.
  chain.tellSender = false;
  const verdict = fragments.takeIpv6(nowMs, packet, fragmentAt, fragmentNamedAt, isChainWhole);
  if (verdict !== 'problem') return verdict;
  setProblem(trouble, fragments.problemCode, fragments.pointer);
  return 'held';
}

/** Bytes of a header of the upper layer that a first fragment must have (RFC 7112 §5); as Linux counts them. */
const UPPER_BYTES: ReadonlyMap<number, number> = new Map([
  [PROTOCOL_TCP, 20],
  [PROTOCOL_UDP, 8],
  [PROTOCOL_ICMPV6, 8],
  [NO_NEXT_HEADER, 0],
]);

function hasUpperHeader({ protocol, transportAt }: ExtensionChain, end: number): boolean {
  return transportAt + (UPPER_BYTES.get(protocol) ?? 1) <= end;
}
