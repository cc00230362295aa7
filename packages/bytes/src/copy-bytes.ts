/** Copying part of one byte array to a place in another. */

/** Up to here a loop is faster than the view that `set` asks for. */
const LOOP_BYTES_MAX = 32;

/** Copies `from[at, at + n)` to `into[to...]`; both must have the room. */
export function copyBytes(from: Uint8Array, at: number, into: Uint8Array, to: number, n: number): void {
  if (n > LOOP_BYTES_MAX) {
    into.set(n === from.length ? from : from.subarray(at, at + n), to);
    return;
  }
  for (let i = 0; i < n; i++) into[to + i] = from[at + i] as number;
}
