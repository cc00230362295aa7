/** A hash of addresses for tests, which need no key. */

import type { AddressHash } from '../src/reassembly.ts';

/** Mixes all words and ports. */
export const HASH: AddressHash = {
  of(a, aPort, b, bPort) {
    let mixed = 0x9e37;
    for (const word of [a.w0, a.w1, a.w2, a.w3, aPort, b.w0, b.w1, b.w2, b.w3, bPort]) {
      mixed = Math.imul(mixed ^ word, 0x85eb_ca6b);
      mixed ^= mixed >>> 15;
    }
    return mixed | 0;
  },
};
