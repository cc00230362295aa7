/** A small seeded generator: the same seed gives the same network, run after run. */

/**
 * Returns a function giving numbers from 0 (inclusive) to 1 (exclusive): a Weyl sequence through a
 * 32-bit finalizer. Not for secrets.
 *
 * @param seed Any number; its low 32 bits count.
 */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let x = state;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    return ((x ^ (x >>> 16)) >>> 0) / 0x1_0000_0000;
  };
}
