/** Options of the IPv4 header (RFC 791 §3.1): source routes, found, turned round and written. */

import { complement, onesSum } from './checksum.ts';
import { headerBytes, IPV4_HEADER_BYTES } from './ipv4.ts';
import { i32, putI32, putU16 } from './octets.ts';

const END = 0;
const NOP = 1;
/** Loose and strict source and record route. */
export const IP_LSRR = 131;
export const IP_SSRR = 137;
/** Addresses that a route in one header can have. */
export const ROUTE_HOPS_MAX = 9;

/**
 * Offset of the source route of a checked header; 0 when there is none, -1 when the options are damaged. What else is
 * there is passed over: "MUST ignore options that it does not understand" — RFC 9293 §3.9.2 [MUST-50]
 */
export function findSourceRoute(bytes: Uint8Array, at: number): number {
  const end = at + headerBytes(bytes, at);
  let found = 0;
  for (let i = at + IPV4_HEADER_BYTES; i < end; ) {
    const kind = bytes[i] as number;
    if (kind === END) return found;
    if (kind === NOP) {
      i++;
      continue;
    }
    const length = i + 1 < end ? (bytes[i + 1] as number) : 0;
    if (length < 2 || i + length > end) return -1;
    if (kind === IP_LSRR || kind === IP_SSRR) {
      // "must not appear more than once in a datagram"
      if (found !== 0 || length < 3 || (length - 3) % 4 !== 0) return -1;
      found = i;
    }
    i += length;
  }
  return found;
}

/** Whether every hop was passed: "If the pointer is greater than the length, the source route is empty" (RFC 791). */
export function isRouteCompleted(bytes: Uint8Array, routeAt: number): boolean {
  return (bytes[routeAt + 2] as number) > (bytes[routeAt + 1] as number);
}

/** The way back of a completed route: the hops recorded, last first. */
export function returnHops(bytes: Uint8Array, routeAt: number): number[] {
  const hops: number[] = [];
  for (let i = routeAt + (bytes[routeAt + 1] as number) - 4; i >= routeAt + 3; i -= 4) hops.push(i32(bytes, i));
  return hops;
}

/** The option, padded to whole words, that leads from the first of `hops` by the others to `destination`. */
export function buildRoute(hops: readonly number[], destination: number): Uint8Array {
  const length = 3 + 4 * hops.length;
  const option = new Uint8Array((length + 3) & ~3);
  option.set([IP_LSRR, length, 4]);
  [...hops.slice(1), destination].forEach((hop, i) => {
    putI32(option, 3 + 4 * i, hop);
  });
  return option;
}

/** Puts whole words of options behind the 20 bytes of the header at `at`, and sums it anew. */
export function insertOptions(bytes: Uint8Array, at: number, options: Uint8Array): void {
  const header = IPV4_HEADER_BYTES + options.length;
  bytes.set(options, at + IPV4_HEADER_BYTES);
  bytes[at] = 0x40 | (header >> 2);
  putU16(bytes, at + 10, 0);
  putU16(bytes, at + 10, complement(onesSum(bytes, at, at + header)));
}
