/** Values as the lines of a page show them. */

import { hex, hexBytes } from './hex.ts';

/** "8192 (0x2000)" */
export function number(value: number, digits: number): string {
  return `${value} (${hex(value, digits)})`;
}

export function named(names: Readonly<Record<number, string>>, value: number): string {
  const name = names[value];
  return name === undefined ? '' : ` ${name}`;
}

export function verdict(valid: boolean | null): string {
  if (valid === null) return 'not checked: the segment is not whole';
  return valid ? 'right' : 'wrong';
}

export function plural(bytes: number): string {
  return bytes === 1 ? '1 byte' : `${bytes} bytes`;
}

const SHOWN_BYTES = 16;

export function firstBytes(bytes: Uint8Array, at: number, lengthBytes: number): string {
  if (lengthBytes === 0) return '';
  const shown = hexBytes(bytes, at, at + Math.min(lengthBytes, SHOWN_BYTES));
  return ` (0x${shown}${lengthBytes > SHOWN_BYTES ? '...' : ''})`;
}
