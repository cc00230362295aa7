/** Addresses in typed arrays: four int32 words each. */

import { type IpAddress, isIpv4 } from '@tcpstack/wire/ip-address';

/** Writes the words of `address` at `words[at...]`. */
export function putWords(words: Int32Array, at: number, address: Readonly<IpAddress>): void {
  words[at] = address.w0;
  words[at + 1] = address.w1;
  words[at + 2] = address.w2;
  words[at + 3] = address.w3;
}

/** Reads them back. */
export function readWords(words: Int32Array, at: number, into: IpAddress): void {
  into.w0 = words[at] as number;
  into.w1 = words[at + 1] as number;
  into.w2 = words[at + 2] as number;
  into.w3 = words[at + 3] as number;
}

/** Writes two addresses of one family at the beginning, for a hash: what tells them apart. The words that it took. */
export function putAddresses(words: Int32Array, a: Readonly<IpAddress>, b: Readonly<IpAddress>): number {
  if (isIpv4(a)) {
    words[0] = a.w3;
    words[1] = b.w3;
    return 2;
  }
  putWords(words, 0, a);
  putWords(words, 4, b);
  return 8;
}
