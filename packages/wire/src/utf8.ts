/** Text as UTF-8 (RFC 3629): the core has no `TextEncoder`. */

/** The bytes of `value`, at most `maxBytes` of them, cut between characters. A lone surrogate becomes U+FFFD. */
export function encodeUtf8(value: string, maxBytes: number): Uint8Array {
  const out: number[] = [];
  for (const character of value) {
    const point = character.codePointAt(0) as number;
    const before = out.length;
    append(out, point >= 0xd800 && point <= 0xdfff ? 0xfffd : point);
    if (out.length > maxBytes) {
      out.length = before;
      break;
    }
  }
  return Uint8Array.from(out);
}

function append(out: number[], point: number): void {
  if (point < 0x80) out.push(point);
  else if (point < 0x800) out.push(0xc0 | (point >> 6), tail(point));
  else if (point < 0x1_0000) out.push(0xe0 | (point >> 12), tail(point >> 6), tail(point));
  else out.push(0xf0 | (point >> 18), tail(point >> 12), tail(point >> 6), tail(point));
}

function tail(bits: number): number {
  return 0x80 | (bits & 0x3f);
}
