/** `struct in_pktinfo` and `in6_pktinfo`, and control messages for sendmsg(). */

import { IP_PKTINFO, IPPROTO_IP, IPPROTO_IPV6, IPV6_PKTINFO } from '@tcpstack/sockets/constants';
import type { ControlMessage, PacketInfo } from '@tcpstack/sockets/syscalls';
import {
  formatAddress,
  formatIpv6,
  IpAddress,
  parseAddress,
  readIpv4Address,
  readIpv6Address,
  writeIpv6Address,
} from '@tcpstack/wire/ip-address';

const CMSGHDR_BYTES = 16;
const IN_PKTINFO_BYTES = 12;
const IN6_PKTINFO_BYTES = 20;

export function isPacketInfo(level: number, type: number): boolean {
  return (level === IPPROTO_IP && type === IP_PKTINFO) || (level === IPPROTO_IPV6 && type === IPV6_PKTINFO);
}

/** Our numbers of interfaces begin with 0, for `lo`; the kernel's with 1. */
export function ourIndex(kernelIndex: number): number {
  return kernelIndex - 1;
}

/** 0 is no interface to either. */
export function kernelIndex(index: number): number {
  return index === 0 ? 0 : index + 1;
}

export function readPacketInfo(level: number, bytes: Uint8Array): PacketInfo {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const address = new IpAddress();
  if (level === IPPROTO_IPV6) {
    readIpv6Address(bytes, 0, address);
    return { interfaceIndex: ourIndex(view.getInt32(16, true)), address: formatIpv6(address) };
  }
  const local = new IpAddress();
  readIpv4Address(bytes, 4, local);
  readIpv4Address(bytes, 8, address);
  const [localAddress, destination] = [formatAddress(local), formatAddress(address)];
  return { interfaceIndex: ourIndex(view.getInt32(0, true)), localAddress, address: destination };
}

/** The bytes of all of them; a message without a value has none. */
export function writeControl(control: readonly ControlMessage[]): Uint8Array {
  const bytes = new Uint8Array(1024);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const message of control) {
    const value = valueBytes(message);
    view.setBigUint64(at, BigInt(CMSGHDR_BYTES + value.length), true);
    view.setInt32(at + 8, message.level, true);
    view.setInt32(at + 12, message.type, true);
    bytes.set(value, at + CMSGHDR_BYTES);
    at += (CMSGHDR_BYTES + value.length + 7) & ~7;
  }
  return bytes.slice(0, at);
}

function valueBytes({ level, info, value }: ControlMessage): Uint8Array {
  if (info === undefined) return value === undefined ? new Uint8Array(0) : new Uint8Array(Int32Array.of(value).buffer);
  const bytes = new Uint8Array(level === IPPROTO_IPV6 ? IN6_PKTINFO_BYTES : IN_PKTINFO_BYTES);
  const view = new DataView(bytes.buffer);
  const address = parseAddress(info.address) ?? new IpAddress();
  if (level === IPPROTO_IPV6) {
    writeIpv6Address(bytes, 0, address);
    view.setInt32(16, kernelIndex(info.interfaceIndex), true);
    return bytes;
  }
  view.setInt32(0, kernelIndex(info.interfaceIndex), true);
  view.setInt32(4, (parseAddress(info.localAddress ?? '') ?? new IpAddress()).w3);
  view.setInt32(8, address.w3);
  return bytes;
}
