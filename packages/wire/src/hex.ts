/** Bytes and numbers as hexadecimal text, for the renderers. */

/** "0x0800": `value` (unsigned) with at least `digits` digits. */
export function hex(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

/** "020405b4": the bytes `[at, end)`, with `between` between them. */
export function hexBytes(bytes: Uint8Array, at: number, end: number, between = ''): string {
  const pairs: string[] = [];
  for (let i = at; i < end; i++) pairs.push((bytes[i] as number).toString(16).padStart(2, '0'));
  return pairs.join(between);
}

const ROW_BYTES = 16;

/** Lines of offset, 16 bytes and their ASCII characters; a byte that is no printable character is a dot. */
export function hexDump(bytes: Uint8Array, at: number, end: number): string {
  const lines: string[] = [];
  for (let row = at; row < end; row += ROW_BYTES) {
    const rowEnd = Math.min(row + ROW_BYTES, end);
    const offset = (row - at).toString(16).padStart(5, '0');
    let characters = '';
    for (let i = row; i < rowEnd; i++) characters += printable(bytes[i] as number);
    lines.push(`${offset}:  ${hexBytes(bytes, row, rowEnd, ' ').padEnd(ROW_BYTES * 3 - 1)}  ${characters}`);
  }
  return lines.join('\n');
}

function printable(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
}
