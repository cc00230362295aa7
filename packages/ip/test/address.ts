/** Addresses as text, for tests. */

import { type IpAddress, parseAddress } from '@tcpstack/wire/ip-address';
import { parsePrefix } from '../src/prefix.ts';

/** The address; throws when it is none. */
export function address(text: string): IpAddress {
  const value = parseAddress(text);
  if (value === null) throw new Error(`not an address: ${text}`);
  return value;
}

/** "10.0.0.0/8" as a route wants it. */
export function network(text: string): { to: IpAddress; prefixBits: number } {
  const prefix = parsePrefix(text);
  if (prefix === null) throw new Error(`not a prefix: ${text}`);
  return { to: prefix.address, prefixBits: prefix.bits };
}
