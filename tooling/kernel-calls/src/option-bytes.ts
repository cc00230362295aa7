/** The values of socket options as bytes. What our calls take and give as a number, a text or a record, a kernel has so. */

import {
  IPPROTO_TCP,
  SO_BINDTODEVICE,
  SO_LINGER,
  SO_MAX_PACING_RATE,
  SO_RCVTIMEO,
  SO_SNDTIMEO,
  SOL_SOCKET,
  TCP_CONGESTION,
  TCP_INFO,
} from '@tcpstack/sockets/constants';
import type { OptionValue } from '@tcpstack/sockets/syscalls';
import { decodeTcpInfo } from './tcp-info-bytes.ts';

type Shape = 'number' | 'text' | 'linger' | 'time' | 'info';

const RECORD_BYTES = 512;
const NUMBER_BYTES = 4;

/** Room for the value: a number's is not larger, or some options give a larger number. */
export function optionBytes(level: number, name: number): number {
  return shapeOf(level, name) === 'number' ? NUMBER_BYTES : RECORD_BYTES;
}

function shapeOf(level: number, name: number): Shape {
  if (level === SOL_SOCKET && name === SO_LINGER) return 'linger';
  if (level === SOL_SOCKET && (name === SO_RCVTIMEO || name === SO_SNDTIMEO)) return 'time';
  if (level === SOL_SOCKET && name === SO_BINDTODEVICE) return 'text';
  if (level === IPPROTO_TCP && name === TCP_CONGESTION) return 'text';
  if (level === IPPROTO_TCP && name === TCP_INFO) return 'info';
  return 'number';
}

/** The bytes for setsockopt(). */
export function encodeOption(value: OptionValue): Uint8Array {
  if (typeof value === 'string') return new TextEncoder().encode(value);
  if (typeof value === 'number') return new Uint8Array(Int32Array.of(value).buffer);
  if ('onoff' in value) return new Uint8Array(Int32Array.of(value.onoff, value.linger).buffer);
  if ('usec' in value) return new Uint8Array(BigInt64Array.of(BigInt(value.sec), BigInt(value.usec)).buffer);
  throw new TypeError('this record is not one for setsockopt()');
}

/** What getsockopt() wrote. */
export function decodeOption(level: number, name: number, bytes: Uint8Array): OptionValue {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  switch (shapeOf(level, name)) {
    case 'text':
      return new TextDecoder().decode(bytes).replace(/\0.*$/s, '');
    case 'linger':
      return { onoff: view.getInt32(0, true), linger: view.getInt32(4, true) };
    case 'time':
      return { sec: Number(view.getBigInt64(0, true)), usec: Number(view.getBigInt64(8, true)) };
    case 'info':
      return decodeTcpInfo(bytes) as unknown as OptionValue;
    case 'number':
      return numberOf(level, name, view);
  }
}

function numberOf(level: number, name: number, view: DataView): number {
  if (view.byteLength < NUMBER_BYTES) return view.byteLength === 0 ? 0 : view.getUint8(0);
  const isUnsigned = level === SOL_SOCKET && name === SO_MAX_PACING_RATE;
  return isUnsigned ? view.getUint32(0, true) : view.getInt32(0, true);
}
