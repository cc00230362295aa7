/** Which byte of the IPv4 options is wrong, if one is (RFC 791 §3.1, RFC 1122 §3.2.1.8). */

import { headerBytes, IPV4_HEADER_BYTES } from './ipv4.ts';

const END = 0;
const NOP = 1;
const RECORD_ROUTE = 7;
const TIMESTAMP = 68;
const LSRR = 131;
const SSRR = 137;
const ROUTER_ALERT = 148;

/**
 * Looks at the options of a checked header. What is not understood is passed over: "The IP and transport layer MUST each
 * interpret those IP options that they understand and silently ignore the others" — RFC 1122 §3.2.1.8.
 *
 * @returns Where the fault is, from the beginning of the header, as the pointer of "parameter problem" counts; 0 for none.
 *   The same place as in Linux.
 */
export function findOptionFault(bytes: Uint8Array, at: number): number {
  const end = at + headerBytes(bytes, at);
  let routes = 0;
  for (let i = at + IPV4_HEADER_BYTES; i < end; ) {
    const kind = bytes[i] as number;
    if (kind === END) return 0;
    if (kind === NOP) {
      i++;
      continue;
    }
    const length = i + 1 < end ? (bytes[i + 1] as number) : 0;
    if (length < 2 || i + length > end) return i - at;
    // "must not appear more than once": neither of the two together, for only one can be followed.
    if ((kind === LSRR || kind === SSRR) && routes++ > 0) return i - at;
    const wrong = faultIn(bytes, i, kind, length);
    if (wrong > 0) return i + wrong - at;
    i += length;
  }
  return 0;
}

/** Which byte of the option at `at` is wrong, 0 for none. */
function faultIn(bytes: Uint8Array, at: number, kind: number, length: number): number {
  switch (kind) {
    case LSRR:
    case SSRR:
      // The route is made of whole addresses, behind its pointer.
      if (length < 3 || (length - 3) % 4 !== 0) return 1;
      return (bytes[at + 2] as number) < 4 ? 2 : 0;
    case RECORD_ROUTE:
      if (length < 3) return 1;
      return lacksRoom(bytes[at + 2] as number, length, 4, 4) ? 2 : 0;
    case TIMESTAMP:
      if (length < 4) return 1;
      return lacksRoom(bytes[at + 2] as number, length, 5, 4) ? 2 : 0;
    case ROUTER_ALERT:
      return length < 4 ? 1 : 0;
    default:
      return 0;
  }
}

/** A pointer is at or behind the first entry; "If the pointer is greater than the length" the list is full, else one fits. */
function lacksRoom(pointer: number, length: number, first: number, entryBytes: number): boolean {
  return pointer < first || (pointer <= length && pointer + entryBytes - 1 > length);
}
