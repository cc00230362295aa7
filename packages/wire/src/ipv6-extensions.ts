/** Extension headers of IPv6 (RFC 8200 §4): walked over to what they carry, or refused with the place of the fault. */

import { IPV6_HEADER_BYTES, NO_NEXT_HEADER, nextHeader, totalLength } from './ipv6.ts';
import { i32, putI32, putU16, u16 } from './octets.ts';

export const HOP_BY_HOP = 0;
export const ROUTING = 43;
export const FRAGMENT = 44;
export const AUTHENTICATION = 51;
export const DESTINATION_OPTIONS = 60;
/** Bytes of a fragment header (RFC 8200 §4.5). */
export const FRAGMENT_HEADER_BYTES = 8;
/** "More fragments", as a bit of `fragmentWord()`. */
export const IPV6_MORE = 1;

/** Headers that one packet may have: RFC 8200 §4.1 orders six, and twice as many waste a receiver's time. */
export const EXTENSIONS_MAX = 12;
/** Options other than padding in one header; as Linux's `max_dst_opts_number` and `max_hbh_opts_number`. */
export const OPTIONS_MAX = 8;
/** Padding aligns to 8 bytes, so no more than 7 are needed (RFC 4942 §2.1.9.5), and Linux takes no more. */
const PADDING_MAX_BYTES = 7;

const PAD1 = 0;
const PADN = 1;

/** Codes of the ICMPv6 parameter problem (RFC 4443 §3.4). */
export const PARAMETER_ERRONEOUS_FIELD = 0;
export const PARAMETER_UNKNOWN_NEXT_HEADER = 1;
export const PARAMETER_UNKNOWN_OPTION = 2;

/** Why the chain was refused; the name under which the drop is counted. */
export type ExtensionFault =
  | 'short-extension'
  | 'too-many-extensions'
  | 'misplaced-hop-by-hop'
  | 'bad-option'
  | 'too-many-options'
  | 'unknown-option'
  | 'source-route';

/**
 * What stands behind the header of a packet. Reused: read it before the next packet. Places are offsets in the array,
 * and `pointer` counts from the beginning of the packet, as ICMPv6 has it.
 */
export interface ExtensionChain {
  /** Number of the upper layer, or `NO_NEXT_HEADER`; behind a fragment header, what the first fragment begins with. */
  protocol: number;
  /** Where its header begins; of a fragment other than the first, where its data begin. */
  transportAt: number;
  /** Place of the fragment header, 0 when there is none. */
  fragmentAt: number;
  /** Place of the byte that names it. */
  fragmentNamedAt: number;
  /** Place of the byte that names the header at `transportAt`: what a parameter problem about it points at. */
  namedAt: number;
  /** Place of a routing header, 0 when there is none. */
  routingAt: number;
  /** The sender is to be told of the fault with a parameter problem (RFC 4443 §3.4) of `problemCode`. */
  tellSender: boolean;
  /** The same, but not when the packet was sent to a multicast address (RFC 8200 §4.2, option types 11). */
  tellOnlyUnicast: boolean;
  problemCode: number;
  pointer: number;
}

/** A record to be filled. */
export function createExtensionChain(): ExtensionChain {
  return {
    protocol: NO_NEXT_HEADER,
    transportAt: 0,
    fragmentAt: 0,
    fragmentNamedAt: 0,
    namedAt: 0,
    routingAt: 0,
    tellSender: false,
    tellOnlyUnicast: false,
    problemCode: 0,
    pointer: 0,
  };
}

/**
 * Walks over the extension headers of a checked packet. A host that is the destination takes them "in any order and
 * occurring any number of times in the same packet, except for the Hop-by-Hop Options header" (RFC 8200 §4.1), up to
 * `EXTENSIONS_MAX`.
 *
 * It stops behind a fragment header: what follows is whole only once the fragments are together. To go on in a first
 * or atomic fragment, give `protocol` and `transportAt` to `walkOn`.
 *
 * @returns `null` when `into` says what the packet carries.
 */
export function walkExtensions(bytes: Uint8Array, at: number, into: ExtensionChain): ExtensionFault | null {
  forget(into);
  return walkOn(bytes, at, at + totalLength(bytes, at), nextHeader(bytes, at), at + IPV6_HEADER_BYTES, at + 6, into);
}

/**
 * Walks from the header of number `first` at `from` to `end`.
 *
 * @param packetAt Where the packet begins, to count `pointer` from.
 * @param namedAt Place of the byte that holds `first`.
 */
export function walkOn(
  bytes: Uint8Array,
  packetAt: number,
  end: number,
  first: number,
  from: number,
  namedAt: number,
  into: ExtensionChain,
): ExtensionFault | null {
  into.protocol = first;
  into.transportAt = from;
  into.namedAt = namedAt;
  for (let headers = 0; isExtension(into.protocol); headers++) {
    if (headers === EXTENSIONS_MAX) return 'too-many-extensions';
    const fault = step(bytes, packetAt, end, into);
    if (fault !== null) return fault;
    if (into.fragmentAt === into.namedAt && into.fragmentAt !== 0) return null;
  }
  return null;
}

function forget(into: ExtensionChain): void {
  into.fragmentAt = 0;
  into.fragmentNamedAt = 0;
  into.routingAt = 0;
  into.tellSender = false;
  into.tellOnlyUnicast = false;
  into.problemCode = 0;
  into.pointer = 0;
}

/** Whether it is one of those that are walked over; ESP (50) is not: nobody can see behind it. */
export function isExtension(number: number): boolean {
  switch (number) {
    case HOP_BY_HOP:
    case ROUTING:
    case FRAGMENT:
    case AUTHENTICATION:
    case DESTINATION_OPTIONS:
      return true;
    default:
      return false;
  }
}

/** Over the one header that `into` stands at. */
function step(bytes: Uint8Array, packetAt: number, end: number, into: ExtensionChain): ExtensionFault | null {
  const { protocol, transportAt: at } = into;
  const headerEnd = at + extensionBytes(bytes, at, end, protocol);
  if (headerEnd > end || headerEnd === at) return 'short-extension';
  const fault = enter(bytes, packetAt, at, headerEnd, into);
  if (fault !== null) return fault;
  into.protocol = bytes[at] as number;
  into.namedAt = at;
  into.transportAt = headerEnd;
  return null;
}

/** Length of the extension header `number` at `at`, 0 when not even its length is there. */
export function extensionBytes(bytes: Uint8Array, at: number, end: number, number: number): number {
  if (end - at < 8) return 0;
  if (number === FRAGMENT) return FRAGMENT_HEADER_BYTES;
  const units = bytes[at + 1] as number;
  // "the length of AH in 32-bit words (4-byte units), minus "2"" — RFC 4302 §2.2
  return number === AUTHENTICATION ? (units + 2) * 4 : (units + 1) * 8;
}

/** What the header at `[at, end)` asks for. */
function enter(
  bytes: Uint8Array,
  packetAt: number,
  at: number,
  end: number,
  into: ExtensionChain,
): ExtensionFault | null {
  switch (into.protocol) {
    case HOP_BY_HOP:
      // "the Hop-by-Hop Options header ... is restricted to appear immediately after an IPv6 header only" — RFC 8200
      // §4.1; elsewhere it is refused like a next header that is not known (§4).
      if (at !== packetAt + IPV6_HEADER_BYTES) {
        tell(into, PARAMETER_UNKNOWN_NEXT_HEADER, into.namedAt - packetAt);
        return 'misplaced-hop-by-hop';
      }
      return readOptions(bytes, packetAt, at + 2, end, into);
    case DESTINATION_OPTIONS:
      return readOptions(bytes, packetAt, at + 2, end, into);
    case ROUTING:
      return readRouting(bytes, packetAt, at, into);
    case FRAGMENT:
      into.fragmentAt = at;
      into.fragmentNamedAt = into.namedAt;
      return null;
    default:
      return null;
  }
}

/**
 * "If Segments Left is zero, the node must ignore the Routing header and proceed to process the next header ... If
 * Segments Left is non-zero, the node must discard the packet and send an ICMP Parameter Problem, Code 0, message to
 * the packet's Source Address, pointing to the unrecognized Routing Type." — RFC 8200 §4.4. Type 0 is one of those not
 * recognized: RFC 5095 §3.
 */
function readRouting(bytes: Uint8Array, packetAt: number, at: number, into: ExtensionChain): ExtensionFault | null {
  into.routingAt = at;
  if (bytes[at + 3] === 0) return null;
  tell(into, PARAMETER_ERRONEOUS_FIELD, at + 2 - packetAt);
  return 'source-route';
}

/** Options between `from` and `end` (RFC 8200 §4.2); none but padding is understood. */
function readOptions(
  bytes: Uint8Array,
  packetAt: number,
  from: number,
  end: number,
  into: ExtensionChain,
): ExtensionFault | null {
  let others = 0;
  let padding = 0;
  for (let i = from; i < end; ) {
    const type = bytes[i] as number;
    const size = type === PAD1 ? 1 : i + 1 < end ? 2 + (bytes[i + 1] as number) : 0;
    if (size === 0 || i + size > end) return 'bad-option';
    if (type === PAD1 || type === PADN) {
      padding += size;
      if (padding > PADDING_MAX_BYTES || hasContent(bytes, i + 2, i + size)) return 'bad-option';
    } else {
      padding = 0;
      if (++others > OPTIONS_MAX) return 'too-many-options';
      if (type >> 6 !== 0) return refuseOption(type, i - packetAt, into);
    }
    i += size;
  }
  return null;
}

/** "the Option Data consists of N-2 zero-valued octets" (RFC 8200 §4.2, PadN); others hide something. */
function hasContent(bytes: Uint8Array, from: number, end: number): boolean {
  for (let i = from; i < end; i++) if (bytes[i] !== 0) return true;
  return false;
}

/**
 * "The Option Type identifiers are internally encoded such that their highest-order 2 bits specify the action that must
 * be taken if the processing IPv6 node does not recognize the Option Type": 00 skip, 01 discard, 10 discard and tell
 * the sender, 11 the same unless the destination was a multicast address. — RFC 8200 §4.2
 */
function refuseOption(type: number, pointer: number, into: ExtensionChain): ExtensionFault {
  if (type >> 6 !== 1) tell(into, PARAMETER_UNKNOWN_OPTION, pointer);
  into.tellOnlyUnicast = type >> 6 === 3;
  return 'unknown-option';
}

function tell(into: ExtensionChain, code: number, pointer: number): void {
  into.tellSender = true;
  into.problemCode = code;
  into.pointer = pointer;
}

/** Where the data of this fragment belong, in bytes. */
export function fragmentOffsetBytes(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + 2) & 0xfff8;
}

/** Whether more fragments follow. */
export function moreFragments(bytes: Uint8Array, at: number): boolean {
  return ((bytes[at + 3] as number) & IPV6_MORE) !== 0;
}

/** Identification of the fragment header, as an int32. */
export function fragmentId(bytes: Uint8Array, at: number): number {
  return i32(bytes, at + 4);
}

/** Writes a fragment header. `offsetBytes` is a multiple of 8. */
export function writeFragmentHeader(
  bytes: Uint8Array,
  at: number,
  nextHeaderNumber: number,
  offsetBytes: number,
  more: boolean,
  identification: number,
): void {
  bytes[at] = nextHeaderNumber;
  bytes[at + 1] = 0;
  putU16(bytes, at + 2, offsetBytes | (more ? IPV6_MORE : 0));
  putI32(bytes, at + 4, identification);
}
