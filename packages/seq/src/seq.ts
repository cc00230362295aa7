/** Arithmetic on TCP sequence numbers and timestamps, modulo 2^32 (RFC 9293 §3.4). */

/**
 * A sequence number. It is a plain int32 inside; the type makes `<`, `+` and the like a compile error,
 * because on numbers that wrap they are wrong. `===` is right and allowed.
 */
export type Seq = symbol & { readonly __seq: never };

/** The sequence number with these 32 bits; any integer is reduced modulo 2^32. */
export function seq(value: number): Seq {
  return (value | 0) as unknown as Seq;
}

/** Its value as an unsigned 32-bit number, 0 to 4294967295. */
export function toUint32(a: Seq): number {
  return (a as unknown as number) >>> 0;
}

/** Its bits as a signed 32-bit number, for storing in an `Int32Array`. */
export function toInt32(a: Seq): number {
  return a as unknown as number;
}

/** `a + bytes`, modulo 2^32; `bytes` may be negative. */
export function add(a: Seq, bytes: number): Seq {
  return (((a as unknown as number) + bytes) | 0) as unknown as Seq;
}

/** How far `a` is past `b`: -2^31 to 2^31 - 1, negative when `a` is before `b`. */
export function diff(a: Seq, b: Seq): number {
  return ((a as unknown as number) - (b as unknown as number)) | 0;
}

/** `a < b` in sequence space. Meaningful while the two are less than 2^31 apart. */
export function lt(a: Seq, b: Seq): boolean {
  return diff(a, b) < 0;
}

/** `a =< b` in sequence space. */
export function le(a: Seq, b: Seq): boolean {
  return diff(a, b) <= 0;
}

/** `a > b` in sequence space. */
export function gt(a: Seq, b: Seq): boolean {
  return diff(a, b) > 0;
}

/** `a >= b` in sequence space. */
export function ge(a: Seq, b: Seq): boolean {
  return diff(a, b) >= 0;
}

/** The later of the two. */
export function max(a: Seq, b: Seq): Seq {
  return lt(a, b) ? b : a;
}

/** The earlier of the two. */
export function min(a: Seq, b: Seq): Seq {
  return lt(a, b) ? a : b;
}

/** Whether `start =< x < start + sizeBytes`; false for an empty window. `sizeBytes` is 0 to 2^31 - 1. */
export function inWindow(x: Seq, start: Seq, sizeBytes: number): boolean {
  const ahead = diff(x, start);
  return ahead >= 0 && ahead < sizeBytes;
}
