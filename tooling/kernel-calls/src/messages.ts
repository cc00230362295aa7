/** How a test and its helper process talk: a length and JSON, in which arrays of bytes and words stay what they are. */

import { readSync, writeSync } from 'node:fs';

type TypedArray = Uint8Array | Uint32Array | Int32Array;
const KINDS: Readonly<Record<string, new (buffer: ArrayBuffer) => TypedArray>> = {
  Uint8Array,
  Uint32Array,
  Int32Array,
};

/** Writes one message, and waits until all of it is written. */
export function sendMessage(fd: number, message: unknown): void {
  const text = JSON.stringify(message, (_key, value: unknown) => (isTyped(value) ? wrap(value) : value));
  const body = Buffer.from(text);
  const all = Buffer.alloc(4 + body.length);
  all.writeUInt32LE(body.length);
  body.copy(all, 4);
  for (let at = 0; at < all.length; ) at += writeSync(fd, all, at);
}

/** Waits for one message; `undefined` when the other end is gone. */
export function receiveMessage(fd: number): unknown {
  const head = readAll(fd, 4);
  if (head === undefined) return undefined;
  const body = readAll(fd, head.readUInt32LE());
  return body && JSON.parse(body.toString(), (_key, value: unknown) => unwrap(value));
}

function readAll(fd: number, length: number): Buffer | undefined {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; ) {
    const n = readSync(fd, bytes, at, length - at, null);
    if (n === 0) return undefined;
    at += n;
  }
  return bytes;
}

function isTyped(value: unknown): value is TypedArray {
  return ArrayBuffer.isView(value) && value.constructor.name in KINDS;
}

function wrap(value: TypedArray): unknown {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return { $kind: value.constructor.name, $bytes: bytes.toString('base64') };
}

function unwrap(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('$kind' in value) || !('$bytes' in value)) return value;
  const Kind = KINDS[String(value.$kind)];
  if (Kind === undefined) return value;
  const bytes = Buffer.from(String(value.$bytes), 'base64');
  return new Kind(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer);
}

/** Copies what a call changed in its arguments back into the caller's. */
export function copyBack(into: unknown, from: unknown): void {
  if (isTyped(into) && isTyped(from)) into.set(from as never);
  else if (Array.isArray(into) && Array.isArray(from)) {
    for (let i = 0; i < from.length; i++) {
      if (typeof into[i] === 'object' && into[i] !== null) copyBack(into[i], from[i]);
      else into[i] = from[i];
    }
  } else if (typeof into === 'object' && into !== null && typeof from === 'object' && from !== null) {
    for (const [key, value] of Object.entries(from)) {
      const own = (into as Record<string, unknown>)[key];
      if (typeof own === 'object' && own !== null) copyBack(own, value);
      else if (own !== value) (into as Record<string, unknown>)[key] = value;
    }
  }
}
