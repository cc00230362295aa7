/** The values of socket options as bytes. What our calls take and give as a number, a text or a record, a kernel has so. */

import {
  IP_MULTICAST_IF,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_MULTICAST_IF,
  SO_BINDTODEVICE,
  SO_LINGER,
  SO_MAX_PACING_RATE,
  SO_RCVTIMEO,
  SO_SNDTIMEO,
  SOL_SOCKET,
  TCP_CONGESTION,
  TCP_INFO,
} from '@tcpstack/sockets/constants';
import type { GroupRequest, OptionValue } from '@tcpstack/sockets/syscalls';
import { formatAddress, IpAddress, ipv4Address, parseAddress, writeIpv6Address } from '@tcpstack/wire/ip-address';
import { kernelIndex, ourIndex } from './control-bytes.ts';
import { decodeTcpInfo } from './tcp-info-bytes.ts';

type Shape = 'number' | 'text' | 'linger' | 'time' | 'info' | 'address';

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
  if (level === IPPROTO_IP && name === IP_MULTICAST_IF) return 'address';
  return 'number';
}

/** The bytes for setsockopt(). */
export function encodeOption(level: number, name: number, value: OptionValue): Uint8Array {
  if (typeof value === 'string') {
    return shapeOf(level, name) === 'address' ? addressBytes(value) : new TextEncoder().encode(value);
  }
  if (typeof value === 'number') {
    const number = isIndex(level, name) && value > 0 ? kernelIndex(value) : value;
    return new Uint8Array(Int32Array.of(number).buffer);
  }
  if ('group' in value) return level === IPPROTO_IPV6 ? ipv6Mreq(value) : ipMreqn(value);
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
    case 'address':
      return formatAddress(ipv4Address(view.getInt32(0)));
    case 'number':
      return numberOf(level, name, view);
  }
}

function numberOf(level: number, name: number, view: DataView): number {
  if (view.byteLength < NUMBER_BYTES) return view.byteLength === 0 ? 0 : view.getUint8(0);
  const isUnsigned = level === SOL_SOCKET && name === SO_MAX_PACING_RATE;
  const number = isUnsigned ? view.getUint32(0, true) : view.getInt32(0, true);
  return isIndex(level, name) && number > 0 ? ourIndex(number) : number;
}

function isIndex(level: number, name: number): boolean {
  return level === IPPROTO_IPV6 && name === IPV6_MULTICAST_IF;
}

function addressBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, (parseAddress(text) ?? new IpAddress()).w3);
  return bytes;
}

/** `struct ip_mreqn`. */
function ipMreqn({ group, address = '0.0.0.0', interfaceIndex = 0 }: GroupRequest): Uint8Array {
  const bytes = new Uint8Array(12);
  bytes.set(addressBytes(group), 0);
  bytes.set(addressBytes(address), 4);
  new DataView(bytes.buffer).setInt32(8, kernelIndex(interfaceIndex), true);
  return bytes;
}

/** `struct ipv6_mreq`. */
function ipv6Mreq({ group, interfaceIndex = 0 }: GroupRequest): Uint8Array {
  const bytes = new Uint8Array(20);
  writeIpv6Address(bytes, 0, parseAddress(group) ?? new IpAddress());
  new DataView(bytes.buffer).setInt32(16, kernelIndex(interfaceIndex), true);
  return bytes;
}
