/** Prefixes as people write them, "10.0.0.0/8" and "fd00::/64", and as tables have them: bits of 128. */

import { IpAddress, isIpv4, parseAddress } from '@tcpstack/wire/ip-address';

/** Bits in front of an IPv4 address in its mapped form. */
const MAPPED_BITS = 96;

/** Leading bits of 128 for what people write behind the slash. */
export function mappedPrefixBits(address: Readonly<IpAddress>, written: number): number {
  return isIpv4(address) ? MAPPED_BITS + written : written;
}

/** An address, and behind the slash the leading bits that are meant, of 128. */
export interface Prefix {
  readonly address: IpAddress;
  readonly bits: number;
}

/** "10.0.0.2/24" or "fd00::2/64", host bits kept; without a slash, all bits. `null` when it is neither. */
export function parsePrefix(text: string): Prefix | null {
  const slash = text.indexOf('/');
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (address === null) return null;
  const most = isIpv4(address) ? 32 : 128;
  const written = slash < 0 ? String(most) : text.slice(slash + 1);
  if (!/^[0-9]{1,3}$/.test(written) || Number(written) > most) return null;
  return { address, bits: mappedPrefixBits(address, Number(written)) };
}

/** The address with every bit behind the prefix cleared. */
export function networkOf({ w0, w1, w2, w3 }: Readonly<IpAddress>, bits: number): IpAddress {
  return new IpAddress(maskWord(w0, bits), maskWord(w1, bits - 32), maskWord(w2, bits - 64), maskWord(w3, bits - 96));
}

function maskWord(word: number, bits: number): number {
  if (bits >= 32) return word;
  return bits <= 0 ? 0 : word & -(1 << (32 - bits));
}
